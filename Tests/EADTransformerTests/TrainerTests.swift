import EADCore
import EADEngine
import EADModels
import EADTestKit
import Foundation
import Testing

@testable import EADTransformer

struct TrainerTests {
    struct TinyFixture: Decodable {
        struct Tensor: Decodable {
            var norm: Double
            var first: [Double]
            var last: [Double]
        }
        struct Curve: Decodable {
            var losses: [Double]
            var gradient_norms: [Double]
            var gradients: [String: Tensor]
            var weights: [String: Tensor]
        }
        var tokens: [TokenID]
        var optimizer: GoldenGradientsTests.Curve.Optimizer
        var tied: Curve
        var untied: Curve
    }

    private static func largest(
        _ layout: ParameterLayout, _ values: [Float],
        _ reference: [String: TinyFixture.Tensor]
    ) throws -> Double {
        var worst = 0.0
        for entry in layout.entries {
            let tensor = try #require(reference[entry.name])
            let scale = tensor.norm / Double(entry.count).squareRoot()
            let part = values[entry.range]
            let count = tensor.first.count
            for (value, expected) in zip(
                Array(part.prefix(count)) + part.suffix(count), tensor.first + tensor.last)
            {
                worst = max(worst, abs(Double(value) - expected) / max(abs(expected), scale))
            }
        }
        return worst
    }

    @Test func zeroedGradientsComeBackTheSame() throws {
        let tiny = TinyModel(
            layers: 2, hidden: 48, feedForward: 80, heads: 4, keyValueHeads: 2, contextLength: 256,
            tiedEmbedding: true, seed: 5)
        let trainer = try BitEqualityTests.trainer(
            TestModel(shape: tiny.shape, parameters: tiny.parameters), .f32, threads: 2)
        let group = TrainingGroup(promptTokens: [1, 2, 3], responses: [[4, 5], [6]])
        _ = try GoldenGradientsTests.meanLoss(trainer, [group])
        let gradients = trainer.gradients
        #expect(gradients.contains { $0 != 0 })
        trainer.zeroGradients()
        #expect(trainer.gradients.allSatisfy { $0 == 0 })
        _ = try GoldenGradientsTests.meanLoss(trainer, [group])
        #expect(trainer.gradients == gradients)
    }

    @Test(arguments: [true, false])
    func tenStepsFollowTheNumpyCurveOfATinyModel(tied: Bool) throws {
        let fixture = try GoldenGradientsTests.fixture("curve-tiny", as: TinyFixture.self)
        let reference = tied ? fixture.tied : fixture.untied
        let tiny = TinyModel(
            layers: 2, hidden: 48, feedForward: 80, heads: 4, keyValueHeads: 2, contextLength: 256,
            tiedEmbedding: tied, seed: 11)
        let model = TestModel(shape: tiny.shape, parameters: tiny.parameters)
        let trainer = try BitEqualityTests.trainer(model, .f32, threads: 2)
        let group = TrainingGroup(
            promptTokens: [fixture.tokens[0]], responses: [Array(fixture.tokens.dropFirst())])
        for step in 0..<10 {
            trainer.zeroGradients()
            let loss = try GoldenGradientsTests.meanLoss(trainer, [group])
            if step == 0 { #expect(try Self.largest(trainer.layout, trainer.gradients, reference.gradients) < 1e-4) }
            let summary = try trainer.update(fixture.optimizer.configuration)
            #expect(abs(loss - reference.losses[step]) / reference.losses[step] < 1e-4)
            #expect(abs(summary.gradientNorm / reference.gradient_norms[step] - 1) < 1e-4)
            #expect(summary.clipped == (reference.gradient_norms[step] > Double(fixture.optimizer.clip)))
        }
        #expect(try Self.largest(trainer.layout, trainer.parameters, reference.weights) < 1e-3)
    }

    static let groups = [
        TrainingGroup(promptTokens: [5, 6, 7, 8], responses: [[1, 2, 3], [4, 9, 9, 9]]),
        TrainingGroup(promptTokens: [11], responses: [[12]]),
    ]

    static func train(_ trainer: Trainer, steps: Int) throws {
        for _ in 0..<steps {
            trainer.zeroGradients()
            _ = try GoldenGradientsTests.meanLoss(trainer, Self.groups)
            _ = try trainer.update(OptimizerConfiguration(learningRate: 1e-3))
        }
    }

    @Test(arguments: Precision.allCases)
    func restoredTrainingGoesOnAsIfItHadNotStopped(precision: Precision) throws {
        let model = TestModel.random()
        let straight = try BitEqualityTests.trainer(model, precision)
        try Self.train(straight, steps: 3)
        let saved = (
            straight.parameters, straight.firstMoments, straight.secondMoments, straight.updates
        )
        try Self.train(straight, steps: 3)
        let resumed = try BitEqualityTests.trainer(model, precision)
        try saved.0.withUnsafeBufferPointer { parameters in
            try saved.1.withUnsafeBufferPointer { first in
                try saved.2.withUnsafeBufferPointer { second in
                    try resumed.restore(
                        parameters: parameters, firstMoments: first, secondMoments: second, updates: saved.3)
                }
            }
        }
        try Self.train(resumed, steps: 3)
        #expect(resumed.parameters.bits == straight.parameters.bits)
        #expect(resumed.updates == 6)
    }

    /// What is exported is what the next log-probabilities are computed with.
    @Test(arguments: Precision.allCases, [false, true])
    func theExportedPolicySamplesWithTheTrainersLogProbs(precision: Precision, bias: Bool) throws {
        let model = TestModel.random(bias: bias)
        let trainer = try BitEqualityTests.trainer(model, precision)
        try Self.train(trainer, steps: 2)
        var bytes = [UInt8](repeating: 0, count: trainer.layout.count * precision.bytesPerParameter)
        bytes.withUnsafeMutableBytes { trainer.exportPolicy(into: $0) }
        let weights = try bytes.withUnsafeBytes {
            try PolicyWeights(shape: model.shape, precision: precision, parameters: $0, version: PolicyVersion(2))
        }
        let generator = try Generator(
            shape: model.shape, configuration: ComputeConfiguration(precision: precision, threads: 1), lanes: 4,
            tokenBytes: { _ in [] })
        generator.install(weights)
        try generator.submit(GeneratorTests.request())
        let group = try GeneratorTests.all(generator)[0]
        let logProbs = try trainer.logProbs(
            [TrainingGroup(promptTokens: [1, 2, 3], responses: group.samples.map(\.trace.tokens))])
        #expect(logProbs[0].map(\.bits) == group.samples.map { $0.trace[.policyLogProb].bits })
    }

    @Test func microBatchesAreCutByLengthOnly() throws {
        func trainer(_ rowLimit: Int) throws -> Trainer {
            try BitEqualityTests.trainer(TestModel.random(), .f32, rowLimit: rowLimit)
        }
        let group = TrainingGroup(promptTokens: [1, 2, 3, 4], responses: [[1, 2, 3], [4]])
        #expect(TokenBatch([group]).rows(of: 0) == 6)
        let batch = TokenBatch(Array(repeating: group, count: 5))
        #expect(try trainer(12).microBatches(of: batch) == [0..<2, 2..<4, 4..<5])
        #expect(try trainer(1).microBatches(of: batch) == (0..<5).map { $0..<$0 + 1 })
        #expect(try trainer(1024).microBatches(of: batch) == [0..<5])
        #expect(try trainer(1024).microBatches(of: TokenBatch()).isEmpty)
    }

    @Test func zeroCoefficientsLeaveTheGradientsAlone() throws {
        let trainer = try BitEqualityTests.trainer(TestModel.random(), .f32)
        try trainer.accumulate(Self.groups) { $0.map { $0.map { $0.map { _ in 0 } } } }
        #expect(trainer.gradients.allSatisfy { $0 == 0 })
        #expect(trainer.progress.value > 0)
    }
}
