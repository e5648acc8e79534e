import CEADKernels
import EADCore
import EADTestKit
import Foundation
import Testing

@testable import EADEngine

/// Against gradients of transformers 5.23 in f32 (Fixtures/grads.json) and the numpy curve of ten AdamW steps.
@Suite(.enabled(if: TestModel.real != nil, Comment(rawValue: CachedAssets.advice)), .serialized)
struct GoldenGradientsTests {
    struct Golden: Decodable {
        struct Gradient: Decodable {
            var shape: [Int]
            var norm: Double
            var sum: Double
            var first: [Double]
            var last: [Double]
        }
        var ids: [TokenID]
        var loss: Double
        var grads: [String: Gradient]
        var global_norm: Double
    }

    struct Curve: Decodable {
        struct Optimizer: Decodable {
            var learning_rate: Float
            var beta1: Float
            var beta2: Float
            var epsilon: Float
            var weight_decay: Float
            var clip: Float

            var configuration: OptimizerConfiguration {
                OptimizerConfiguration(
                    learningRate: self.learning_rate, beta1: self.beta1, beta2: self.beta2, epsilon: self.epsilon,
                    weightDecay: self.weight_decay, gradientClip: self.clip)
            }
        }
        var optimizer: Optimizer
        var tokens: [TokenID]
        var losses: [Double]
        var gradient_norms: [Double]
    }

    static func fixture<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/" + name, withExtension: "json"))
        return try JSONDecoder().decode(type, from: Data(contentsOf: url))
    }

    static func trainer(_ model: TestModel, _ precision: Precision, threads: Int = 2) throws -> Trainer {
        try model.parameters.withUnsafeBufferPointer {
            try Trainer(
                shape: model.shape, configuration: ComputeConfiguration(precision: precision, threads: threads),
                parameters: $0)
        }
    }

    /// Accumulates the gradient of the mean negative log-likelihood and returns the loss.
    static func meanLoss(_ trainer: Trainer, _ groups: [TrainingGroup]) throws -> Double {
        var loss = 0.0
        try trainer.accumulate(groups) { logProbs in
            let count = logProbs.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count } }
            loss = -logProbs.flatMap { $0.flatMap { $0 } }.reduce(0) { $0 + Double($1) } / Double(count)
            return logProbs.map { $0.map { $0.map { _ in -1 / Float(count) } } }
        }
        return loss
    }

    /// The norm by the engine's own kernel: a loop over millions of elements takes minutes in a debug build.
    static func norm(_ values: UnsafeBufferPointer<Float>, _ compute: Compute) -> Double {
        var sums = [Double](repeating: 0, count: (values.count + EAD_SQUARES_BLOCK - 1) / EAD_SQUARES_BLOCK)
        sums.withUnsafeMutableBufferPointer {
            ead_squares(
                compute.pointer,
                ead_squares_args(x: values.baseAddress, count: values.count, sums: $0.baseAddress))
        }
        return sums.reduce(0, +).squareRoot()
    }

    @Test func all272GradientsEqualTheReferenceInF32() throws {
        let model = try #require(TestModel.real)
        let golden = try Self.fixture("grads", as: Golden.self)
        let trainer = try Self.trainer(model, .f32)
        let loss = try Self.meanLoss(
            trainer, [TrainingGroup(promptTokens: [golden.ids[0]], responses: [Array(golden.ids.dropFirst())])])
        #expect(abs(loss - golden.loss) < 1e-4)
        #expect(golden.grads.count == 272)
        var worst = (norm: 0.0, entry: 0.0)
        for entry in trainer.layout.entries {
            let reference = try #require(golden.grads[entry.name])
            let values = UnsafeBufferPointer(rebasing: trainer.gradients[entry.range])
            let norm = Self.norm(values, trainer.compute)
            worst.norm = max(worst.norm, abs(norm - reference.norm) / reference.norm)
            // Entries relative to the tensor's root mean square: single ones may be arbitrarily near zero.
            let scale = reference.norm / Double(values.count).squareRoot()
            let ends = Array(values.prefix(4)) + values.suffix(4)
            for (value, expected) in zip(ends, reference.first + reference.last) {
                worst.entry = max(worst.entry, abs(Double(value) - expected) / max(abs(expected), scale))
            }
        }
        print("f32 gradients: loss \(loss), worst relative norm \(worst.norm), worst entry \(worst.entry)")
        #expect(worst.norm < 1e-3)
        #expect(worst.entry < 1e-3)
    }

    /// Losses and gradient norms of ten steps along the reference's sequence.
    static func curve(_ precision: Precision, _ curve: Curve) throws -> (losses: [Double], norms: [Double]) {
        let model = try #require(TestModel.real)
        let trainer = try Self.trainer(model, precision)
        let group = TrainingGroup(promptTokens: [curve.tokens[0]], responses: [Array(curve.tokens.dropFirst())])
        var losses: [Double] = []
        var norms: [Double] = []
        for _ in 0..<10 {
            trainer.zeroGradients()
            losses.append(try Self.meanLoss(trainer, [group]))
            norms.append(try trainer.update(curve.optimizer.configuration).gradientNorm)
        }
        return (losses, norms)
    }

    @Test func tenStepsOfAdamWFollowTheReferenceCurveInF32() throws {
        let reference = try Self.fixture("curve-real", as: Curve.self)
        let (losses, norms) = try Self.curve(.f32, reference)
        var worst = 0.0
        for (value, expected) in zip(losses + norms, reference.losses.prefix(10) + reference.gradient_norms) {
            worst = max(worst, abs(value - expected) / expected)
        }
        print("f32: ten steps within \(worst) (relative) of the reference")
        #expect(worst < 1e-4)
    }

    /// A step of 1e-5 is below the spacing of most bf16 weights, so that the loss falls in stairs around the curve.
    @Test func tenStepsOfAdamWGoTheReferencesWayInBF16() throws {
        let reference = try Self.fixture("curve-real", as: Curve.self)
        let (losses, norms) = try Self.curve(.bf16, reference)
        #expect(abs(losses[0] - reference.losses[0]) / reference.losses[0] < 5e-3)
        #expect(abs(norms[0] - reference.gradient_norms[0]) / reference.gradient_norms[0] < 1e-2)
        #expect(losses[9] < 0.5 * losses[0])
    }
}
