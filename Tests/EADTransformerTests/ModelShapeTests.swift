import EADCore
import EADEngine
import EADSampling
import Foundation
import Testing

@testable import EADTransformer

/// Sizes that fit no tile: forward and gradients against the naive model, on every CPU variant.
struct ModelShapeTests {
    /// (layers, hidden, feed-forward, heads, key/value heads, head size, vocabulary, tied, bias)
    static let sizes: [(Int, Int, Int, Int, Int, Int, Int, Bool, Bool)] = [
        (2, 48, 80, 3, 1, 16, 131, true, false), (1, 33, 47, 3, 1, 10, 101, false, false),
        (1, 50, 17, 4, 2, 64, 77, true, true), (1, 7, 5, 1, 1, 2, 17, true, false),
        (1, 20, 130, 7, 7, 22, 49, false, true), (1, 65, 33, 8, 1, 128, 53, true, false),
        (1, 31, 9, 2, 1, 80, 59, false, true), (1, 12, 95, 2, 2, 256, 23, true, false),
        (1, 3, 1, 1, 1, 2, 13, true, true),
    ]

    static let models =
        sizes.enumerated().map { index, size in
            TestModel.random(
                layers: size.0, hidden: size.1, feedForward: size.2, heads: size.3, keyValueHeads: size.4,
                headSize: size.5, vocabulary: size.6, contextLength: 64, tied: size.7, bias: size.8,
                seed: UInt64(index + 1))
        } + (0..<4).map(drawn) + Self.options

    /// What some families have and others have not, together where they can be.
    static let options = [
        TestModel.random(
            family: "qwen3", hidden: 31, feedForward: 40, heads: 4, keyValueHeads: 2, headSize: 10, vocabulary: 59,
            contextLength: 64, bias: true, outputBias: true, seed: 41),
        TestModel.random(
            family: "qwen3", layers: 1, hidden: 20, feedForward: 33, heads: 3, keyValueHeads: 3, headSize: 36,
            vocabulary: 61, contextLength: 64, tied: false, ropeDivisors: (0..<18).map { 1 + Float($0) / 3 }, seed: 42),
        TestModel.random(
            family: "smollm3", layers: 3, hidden: 24, feedForward: 20, heads: 2, keyValueHeads: 1, headSize: 14,
            vocabulary: 47, contextLength: 64, outputBias: true, unrotatedLayers: [0, 2], seed: 43),
        TestModel.random(
            layers: 1, hidden: 18, feedForward: 22, heads: 2, keyValueHeads: 2, headSize: 6, vocabulary: 37,
            contextLength: 64, bias: true, ropeDivisors: [1, 2.5, 8], seed: 44),
    ]

    /// A shape nobody chose.
    static func drawn(_ number: Int) -> TestModel {
        var random = PhiloxGenerator(seed: 200, stream: UInt64(number))
        func size(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        let shared = size(1...2)
        return TestModel.random(
            layers: 1, hidden: size(1...70), feedForward: size(1...70), heads: shared * size(1...4),
            keyValueHeads: shared, headSize: 2 * size(1...24), vocabulary: size(12...200), contextLength: 64,
            tied: size(0...1) == 0, bias: size(0...1) == 0, seed: UInt64(number))
    }

    static func tokens(_ count: Int, _ model: TestModel, seed: UInt64) -> [TokenID] {
        var random = PhiloxGenerator(seed: seed)
        return (0..<count).map { _ in TokenID.random(in: 0..<TokenID(model.shape.vocabulary), using: &random) }
    }

    @Test(arguments: models.indices)
    func logitsEqualTheNaiveModel(index: Int) throws {
        let model = Self.models[index]
        let tokens = Self.tokens(37, model, seed: 2)
        let expected = NaiveModel(model).logits(tokens).flatMap { $0 }
        let scale = (expected.reduce(0) { $0 + $1 * $1 } / Double(expected.count)).squareRoot()
        for (precision, tolerance) in [(Precision.f32, 1e-5), (.bf16, 0.04)] {
            let logits = try model.logits(tokens, precision: precision).flatMap { $0 }
            let squares = zip(logits, expected).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
            let error = (squares / Double(expected.count)).squareRoot() / scale
            #expect(error < tolerance, "\(precision), \(model.shape)")
        }
    }

    @Test(arguments: models.indices, Precision.allCases)
    func everyVariantAndEveryChunkingGivesTheSameBits(index: Int, precision: Precision) throws {
        let model = Self.models[index]
        let tokens = Self.tokens(41, model, seed: 3)
        let reference = try model.logits(tokens, precision: precision, threads: 1, device: Device(.portable)).map(
            \.bits)
        for variant in CPUVariant.supported {
            for (threads, chunk) in [(1, Int.max), (3, 7), (2, 1)] {
                let logits = try model.logits(
                    tokens, precision: precision, threads: threads, device: Device(variant), chunk: chunk)
                #expect(logits.map(\.bits) == reference, "\(variant), \(threads) threads, chunks of \(chunk)")
            }
        }
    }

    static func group(
        _ model: TestModel, prompt: Int = 19, responses: [Int] = [5, 1, 18, 2]
    ) -> (TrainingGroup, [[Float]]) {
        let group = TrainingGroup(
            promptTokens: Self.tokens(prompt, model, seed: 4),
            responses: responses.enumerated().map { Self.tokens($1, model, seed: UInt64(5 + $0)) })
        var random = PhiloxGenerator(seed: 6)
        let coefficients = group.responses.map { $0.map { _ in Float.random(in: -1...1, using: &random) } }
        return (group, coefficients)
    }

    /// Central differences of the naive model in double; the first response goes over the end of a page.
    @Test(arguments: models.indices)
    func gradientsEqualCentralDifferences(index: Int) throws {
        let model = Self.models[index]
        let (group, coefficients) = Self.group(model, prompt: 7, responses: [11, 2])
        let trainer = try BitEqualityTests.trainer(model, .f32, threads: 2)
        try trainer.accumulate([group]) { _ in [coefficients] }
        NaiveModel(model).expectGradients(of: trainer) { $0.objective(group, coefficients) }
    }

    @Test(arguments: models.indices, Precision.allCases)
    func everyVariantAndThreadCountGivesTheSameGradientsAndUpdates(index: Int, precision: Precision) throws {
        let model = Self.models[index]
        let (group, coefficients) = Self.group(model)
        var reference: (gradients: [UInt32], parameters: [UInt32])?
        var runs: [(CPUVariant?, Int)] = CPUVariant.supported.map { ($0, 2) }
        runs += [1, 3, 4].map { (nil, $0) }
        for (number, (variant, threads)) in runs.enumerated() {
            let trainer = try BitEqualityTests.trainer(model, precision, threads: threads, device: Device(variant))
            for _ in 0..<2 {
                trainer.zeroGradients()
                try trainer.accumulate([group, group]) { _ in [coefficients, coefficients] }
                _ = try trainer.update(OptimizerConfiguration(learningRate: 1e-2))
            }
            let bits = (trainer.gradients.bits, trainer.parameters.bits)
            if let reference {
                #expect(bits.0 == reference.gradients && bits.1 == reference.parameters, "run \(number)")
            } else {
                reference = bits
            }
        }
    }

    /// bf16 gradients point where f32 gradients do.
    @Test func gradientsInBF16StayNearThoseInF32() throws {
        let model = Self.models[0]
        let (group, coefficients) = Self.group(model)
        let gradients = try Precision.allCases.map { precision in
            let trainer = try BitEqualityTests.trainer(model, precision)
            try trainer.accumulate([group]) { _ in [coefficients] }
            return trainer.gradients.map { Double($0) }
        }
        let dot = zip(gradients[0], gradients[1]).reduce(0) { $0 + $1.0 * $1.1 }
        let norms = gradients.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        #expect(dot / (norms[0] * norms[1]) > 0.998)
        #expect(abs(norms[0] / norms[1] - 1) < 0.03)
    }

    @Test func shapesWithoutTilesAreRefused() {
        for change in [\ModelShape.headSize, \.heads, \.layers] {
            var shape = Self.models[0].shape
            shape[keyPath: change] = change == \.headSize ? 15 : 0
            #expect(throws: EngineError.self) { try shape.checkSupported() }
        }
    }
}
