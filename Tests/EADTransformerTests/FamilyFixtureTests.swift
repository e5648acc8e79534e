import EADCore
import EADModels
import Foundation
import Testing

@testable import EADEngine
@testable import EADTransformer

/// Models of every family against transformers (scripts/reference/families.py), read from the directories it writes.
struct FamilyFixtureTests {
    static let names = ["llama3", "llama-bias", "qwen2", "qwen3", "smollm3"]

    /// What transformers computed of a model.
    struct Golden {
        private let tensors: [String: [Float]]

        init(_ path: String) throws {
            let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
            let length = try SafetensorsHeader.length(
                prefix: Array(bytes[..<SafetensorsHeader.prefix]), fileLength: bytes.count)
            let start = SafetensorsHeader.prefix + length
            let header = try SafetensorsHeader(
                json: Array(bytes[SafetensorsHeader.prefix..<start]), dataSize: bytes.count - start)
            var tensors: [String: [Float]] = [:]
            for tensor in header.tensors {
                tensors[tensor.name] = bytes[start...][(start + tensor.range.lowerBound)...].withUnsafeBytes { data in
                    (0..<tensor.range.count / 4).map { data.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
                }
            }
            self.tensors = tensors
        }

        func values(_ name: String) throws -> [Double] { try #require(self.tensors[name]).map { Double($0) } }
        var tokens: [TokenID] { get throws { try self.values("tokens").map { TokenID($0) } } }
        var names: [String] { self.tensors.keys.sorted() }
    }

    static func fixture(_ name: String) throws -> (model: TestModel, golden: Golden) {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/families/\(name)", withExtension: nil))
        let file = try ModelFile(path: url.path)
        var parameters = [Float](repeating: 0, count: file.layout.count)
        try parameters.withUnsafeMutableBufferPointer { try file.readParameters(into: $0) }
        return (
            TestModel(shape: file.shape, parameters: parameters), try Golden(url.path + "/golden.safetensors")
        )
    }

    private static func group(_ golden: Golden) throws -> [TrainingGroup] {
        let tokens = try golden.tokens
        return [TrainingGroup(promptTokens: [tokens[0]], responses: [Array(tokens.dropFirst())])]
    }

    @Test(arguments: names)
    func theConfigurationSaysWhatTheFamilyHas(name: String) throws {
        let shape = try Self.fixture(name).model.shape
        #expect(shape.hasHeadNorms == (name == "qwen3"))
        #expect(shape.unrotatedLayers == (name == "smollm3" ? [3] : []))
        #expect(shape.outputBias == (name == "llama-bias"))
        #expect(shape.ropeDivisors.count == (name == "llama3" ? 6 : 0))
        #expect(shape.tiedEmbedding == ["llama3", "qwen2", "smollm3"].contains(name))
    }

    @Test(arguments: names, [(Precision.f32, 3e-6), (.bf16, 0.03)])
    func logitsEqualTheReference(name: String, bound: (precision: Precision, tolerance: Double)) throws {
        let (model, golden) = try Self.fixture(name)
        let logits = try model.logits(golden.tokens, precision: bound.precision)
        let error = Qwen2BiasTests.error(logits.joined(), try golden.values("logits"))
        print("\(name) \(bound.precision): logits within \(error)")
        #expect(error < bound.tolerance, "\(name), \(bound.precision): \(error)")
    }

    @Test(arguments: names, [(Precision.f32, 2e-5), (.bf16, 0.12)])
    func gradientsEqualTheReference(name: String, bound: (precision: Precision, tolerance: Double)) throws {
        let (model, golden) = try Self.fixture(name)
        let trainer = try BitEqualityTests.trainer(model, bound.precision, threads: 2)
        let loss = try GoldenGradientsTests.meanLoss(trainer, Self.group(golden))
        let expectedLoss = try golden.values("loss")[0]
        #expect(abs(loss - expectedLoss) / expectedLoss < bound.tolerance)
        #expect(golden.names.count { $0.hasPrefix("gradient.") } == trainer.layout.entries.count)
        let gradients = trainer.gradients
        var worst = 0.0
        for entry in trainer.layout.entries {
            let expected = try golden.values("gradient.\(entry.name)")
            let error = Qwen2BiasTests.error(gradients[entry.range], expected)
            worst = max(worst, error)
            #expect(error < bound.tolerance, "\(name), \(bound.precision), \(entry.name): \(error)")
        }
        print("\(name) \(bound.precision): gradients within \(worst)")
    }

    @Test(arguments: names)
    func threeStepsOfAdamWEqualTheReference(name: String) throws {
        let (model, golden) = try Self.fixture(name)
        let trainer = try BitEqualityTests.trainer(model, .f32, threads: 2)
        let optimizer = OptimizerConfiguration(
            learningRate: 3e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, gradientClip: 0)
        for _ in 0..<3 {
            trainer.zeroGradients()
            _ = try GoldenGradientsTests.meanLoss(trainer, Self.group(golden))
            _ = try trainer.update(optimizer)
        }
        let parameters = trainer.parameters
        for entry in trainer.layout.entries {
            let expected = try golden.values("updated.\(entry.name)")
            // What changed: the weights themselves would hide it.
            let changes = zip(parameters[entry.range], model.parameters[entry.range]).map { $0 - $1 }
            let wanted = zip(expected, model.parameters[entry.range]).map { $0 - Double($1) }
            let error = Qwen2BiasTests.error(changes, wanted)
            #expect(error < 2e-3, "\(name), \(entry.name): \(error)")
        }
    }
}
