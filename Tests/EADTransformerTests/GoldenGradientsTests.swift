import CEADKernels
import EADCore
import EADEngine
import EADModels
import EADTestKit
import Foundation
import Testing

@testable import EADTransformer

/// Against gradients of transformers 5.23 in f32 (Fixtures/grads.json) and the numpy curve of ten AdamW steps; the bounds of
/// the gradients are in `AccuracyTests`.
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
    static func norm(_ entry: ParameterLayout.Entry, _ trainer: Trainer) -> Double {
        var sums = [Double](repeating: 0, count: (entry.count + EAD_SQUARES_BLOCK - 1) / EAD_SQUARES_BLOCK)
        let blocks = trainer.squareSums.pointer(to: Double.self)
        ead_squares(
            trainer.compute.pointer,
            ead_squares_args(
                x: (trainer.gradient.floats + entry.offset).address, count: entry.count, sums: blocks.address))
        trainer.compute.download(blocks, into: &sums)
        return sums.reduce(0, +).squareRoot()
    }

    /// Distances from the recorded extract of transformers' gradients: the largest relative error of a norm, and the root
    /// mean square and the largest of the entries' errors, relative to the tensor's root mean square (single entries may
    /// be arbitrarily near zero).
    static func error(_ precision: Precision) throws -> (norm: Double, entries: Double, largest: Double) {
        let model = try #require(TestModel.real)
        let golden = try Self.fixture("grads", as: Golden.self)
        let trainer = try BitEqualityTests.trainer(model, precision, threads: 2)
        let loss = try Self.meanLoss(
            trainer, [TrainingGroup(promptTokens: [golden.ids[0]], responses: [Array(golden.ids.dropFirst())])])
        #expect(abs(loss - golden.loss) < (precision == .f32 ? 1e-4 : 5e-3) * golden.loss)
        #expect(golden.grads.count == 272)
        let gradients = trainer.gradients
        var norms = 0.0
        var squares = 0.0
        var largest = 0.0
        for entry in trainer.layout.entries {
            let reference = try #require(golden.grads[entry.name])
            let values = gradients[entry.range]
            let norm = Self.norm(entry, trainer)
            norms = max(norms, abs(norm - reference.norm) / reference.norm)
            let scale = reference.norm / Double(values.count).squareRoot()
            for (value, expected) in zip(Array(values.prefix(4)) + values.suffix(4), reference.first + reference.last) {
                let error = abs(Double(value) - expected)
                squares += error / scale * (error / scale)
                largest = max(largest, error / max(abs(expected), scale))
            }
        }
        return (norms, (squares / Double(8 * golden.grads.count)).squareRoot(), largest)
    }

    /// Losses before and after each of `steps` updates, and the gradient norms: one batch of sequences throughout.
    static func curve(
        _ precision: Precision, _ sequences: [[TokenID]], optimizer: Curve.Optimizer, steps: Int
    ) throws -> (losses: [Double], norms: [Double]) {
        let trainer = try BitEqualityTests.trainer(try #require(TestModel.real), precision, threads: 2)
        let groups = sequences.map { TrainingGroup(promptTokens: [$0[0]], responses: [Array($0.dropFirst())]) }
        var losses: [Double] = []
        var norms: [Double] = []
        for _ in 0..<steps {
            trainer.zeroGradients()
            losses.append(try Self.meanLoss(trainer, groups))
            norms.append(try trainer.update(optimizer.configuration).gradientNorm)
        }
        let last = try trainer.logProbs(groups).flatMap { $0.flatMap { $0 } }
        losses.append(-last.reduce(0) { $0 + Double($1) } / Double(last.count))
        return (losses, norms)
    }

    @Test func tenStepsOfAdamWFollowTheReferenceCurveInF32() throws {
        let reference = try Self.fixture("curve-real", as: Curve.self)
        let (losses, norms) = try Self.curve(
            .f32, [reference.tokens], optimizer: reference.optimizer, steps: 10)
        var worst = 0.0
        for (value, expected) in zip(losses + norms, reference.losses + reference.gradient_norms) {
            worst = max(worst, abs(value - expected) / expected)
        }
        print("f32: ten steps within \(worst) (relative) of the reference")
        #expect(worst < 1e-4)
    }
}
