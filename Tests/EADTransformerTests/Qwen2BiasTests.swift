import EADCore
import EADModels
import EADTestKit
import Foundation
import Testing

@testable import EADEngine
@testable import EADTransformer

/// Biases of q, k and v against transformers' Qwen2 (scripts/reference/qwen2_bias.py), from a file that it named.
struct Qwen2BiasTests {
    struct Golden: Decodable {
        var tokens: [TokenID]
        var logits: [[Double]]
        var loss: Double
        var gradients: [String: [Double]]
    }

    static func model() throws -> TestModel {
        let shape = ModelShape(
            family: "qwen2", layers: 2, hidden: 18, feedForward: 14, heads: 4, keyValueHeads: 2, headSize: 6,
            vocabulary: 29,
            contextLength: 64, ropeBase: 10_000, normEpsilon: 1e-6, tiedEmbedding: false)
        let layout = ParameterLayout(shape)
        var parameters = [Float](repeating: 0, count: layout.count)
        let url = try #require(Bundle.module.url(forResource: "Fixtures/qwen2-tiny", withExtension: "safetensors"))
        try parameters.withUnsafeMutableBufferPointer { try Safetensors.read(url.path, layout, into: $0) }
        return TestModel(shape: shape, parameters: parameters)
    }

    /// The root mean square of the difference, over that of the expected values.
    static func error(_ values: some Sequence<Float>, _ expected: [Double]) -> Double {
        let squares = zip(values, expected).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
        return (squares / expected.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }

    @Test(arguments: [(Precision.f32, 2e-6), (.bf16, 0.02)])
    func logitsEqualTheReference(precision: Precision, tolerance: Double) throws {
        let golden = try GoldenGradientsTests.fixture("qwen2-tiny", as: Golden.self)
        let logits = try Self.model().logits(golden.tokens, precision: precision)
        let error = Self.error(logits.joined(), golden.logits.flatMap { $0 })
        #expect(error < tolerance, "\(precision): \(error)")
    }

    @Test(arguments: [(Precision.f32, 1e-5), (.bf16, 0.05)])
    func gradientsEqualTheReference(precision: Precision, tolerance: Double) throws {
        let golden = try GoldenGradientsTests.fixture("qwen2-tiny", as: Golden.self)
        let trainer = try BitEqualityTests.trainer(try Self.model(), precision, threads: 2)
        let loss = try GoldenGradientsTests.meanLoss(
            trainer, [TrainingGroup(promptTokens: [golden.tokens[0]], responses: [Array(golden.tokens.dropFirst())])])
        #expect(abs(loss - golden.loss) / golden.loss < tolerance)
        #expect(golden.gradients.count == trainer.layout.entries.count)
        let gradients = trainer.gradients
        for entry in trainer.layout.entries {
            let expected = try #require(golden.gradients[entry.name])
            let error = Self.error(gradients[entry.range], expected)
            #expect(error < tolerance, "\(precision), \(entry.name): \(error)")
        }
    }

    @Test func aCheckpointNamesThemAsHuggingFaceDoes() throws {
        let model = try Self.model()
        let layout = ParameterLayout(model.shape)
        try withTemporaryDirectory { directory in
            let path = directory + "/model.safetensors"
            try model.parameters.withUnsafeBufferPointer { try Safetensors.write($0, layout, to: path) }
            var reader = try HashingFileReader(path: path)
            let header = try Safetensors.header(&reader, path: path)
            let golden = try GoldenGradientsTests.fixture("qwen2-tiny", as: Golden.self)
            #expect(Set(header.tensors.map(\.name)) == Set(golden.gradients.keys))
            #expect(header.tensors.first { $0.name == "model.layers.1.self_attn.k_proj.bias" }?.shape == [12])
            var read = [Float](repeating: 0, count: layout.count)
            try read.withUnsafeMutableBufferPointer { try Safetensors.read(path, layout, into: $0) }
            #expect(read == model.parameters)
        }
    }

    @Test func aShapeSavedWithoutTheFieldHasNoBias() throws {
        let shape = TestModel.random(bias: true).shape
        let data = try JSONEncoder().encode(shape)
        #expect(try JSONDecoder().decode(ModelShape.self, from: data) == shape)
        var fields = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(fields.removeValue(forKey: "queryKeyValueBias") != nil)
        let older = try JSONDecoder().decode(ModelShape.self, from: JSONSerialization.data(withJSONObject: fields))
        #expect(older == TestModel.random().shape)
    }
}
