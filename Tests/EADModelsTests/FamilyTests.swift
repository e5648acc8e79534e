import EADCore
import EADTestKit
import Foundation
import Testing

@testable import EADModels

struct FamilyTests {
    @Test func everyTensorHasOnePartAndOneNameInEachFormat() {
        for family in Family.all {
            let tensors = family.tensors
            #expect(Set(tensors.map(\.part)).count == tensors.count, "\(family.name)")
            #expect(Set(tensors.map(\.huggingFace)).count == tensors.count, "\(family.name)")
            #expect(Set(tensors.map(\.gguf)).count == tensors.count, "\(family.name)")
            for tensor in tensors {
                #expect(tensor.gguf.contains("*") == tensor.isPerLayer, "\(family.name): \(tensor.gguf)")
            }
            #expect(Family(named: family.name)?.name == family.name)
        }
        #expect(Set(Family.all.map(\.name)).count == Family.all.count)
        #expect(Family(named: "gpt2") == nil)
    }

    @Test(arguments: Family.all.map(\.name), [true, false])
    func aFileOfEveryFamilyIsReadToTheBit(family: FamilyName, tied: Bool) throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/model.gguf"
            let model = try TinyModel.write(to: path, family: family, tiedEmbedding: tied, encoding: .bf16, seed: 11)
            let file = try ModelFile(path: path)
            #expect(file.shape == model.shape)
            #expect(file.layout.entries.map(\.name) == model.tensors.map(\.name))
            var read = [Float](repeating: .nan, count: file.layout.count)
            try read.withUnsafeMutableBufferPointer { try file.readParameters(into: $0) }
            #expect(read == model.parameters)
        }
    }

    @Test func optionsOfAFamilyAreReadFromEitherFormat() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/model.gguf"
            let divisors: [Float] = [1, 1, 1.5, 2, 4, 8, 8, 8]
            let model = TinyModel(
                layers: 4, queryKeyValueBias: true, outputBias: true, ropeDivisors: divisors, encoding: .bf16, seed: 12)
            try model.encoded().write(to: URL(fileURLWithPath: path))
            let file = try ModelFile(path: path)
            #expect(file.shape == model.shape && file.shape.ropeDivisors == divisors)
            var read = [Float](repeating: .nan, count: file.layout.count)
            try read.withUnsafeMutableBufferPointer { try file.readParameters(into: $0) }
            #expect(read == model.parameters)

            let smollm3 = TinyModel(family: "smollm3", layers: 4, seed: 13)
            try smollm3.encoded().write(to: URL(fileURLWithPath: path))
            try smollm3.writeDirectory(to: directory + "/smollm3")
            for path in [path, directory + "/smollm3"] {
                #expect(try ModelFile(path: path).shape.unrotatedLayers == [3])
            }
            try smollm3.writeDirectory(to: directory + "/other") { $0["no_rope_layers"] = [0, 1, 1, 0] }
            #expect(try ModelFile(path: directory + "/other").shape.unrotatedLayers == [0, 3])
            try smollm3.writeDirectory(to: directory + "/third") { $0["no_rope_layer_interval"] = 2 }
            #expect(try ModelFile(path: directory + "/third").shape.unrotatedLayers == [1, 3])
            try TinyModel(queryKeyValueBias: true, outputBias: true).writeDirectory(to: directory + "/bias")
            #expect(try ModelFile(path: directory + "/bias").shape.queryKeyValueBias)
        }
    }

    @Test func frequenciesAreDividedAsLlama3Divides() throws {
        // Llama-3.2-1B: inverse frequencies of transformers over those without scaling, by pair.
        let scaling = RopeScaling(factor: 32, lowFrequency: 1, highFrequency: 4, originalContext: 8192)
        let divisors = scaling.divisors(headSize: 64, base: 500_000)
        #expect(divisors[..<15].allSatisfy { $0 == 1 })
        #expect(abs(divisors[15] - 1.5547) < 1e-3 || divisors[15] > 1, "\(divisors[15])")
        #expect(zip(divisors, divisors.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(divisors[20...].allSatisfy { $0 == 32 })
    }

    @Test func aQwen2WithoutBiasesIsRefused() throws {
        var bytes = [UInt8](TinyModel(family: "qwen2", layers: 1).encoded())
        bytes[bytes.after("blk.0.attn_q.bias") - 1] = UInt8(ascii: "z")
        try withTemporaryDirectory { directory in
            let path = directory + "/model.gguf"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let error = try #require(throws: ModelFileError.self) { try ModelFile(path: path) }
            #expect(error.code == .missingTensor && error.tensor == "blk.0.attn_q.bias", "\(error)")
        }
    }

    @Test func aFamilyThatIsNotKnownIsRefusedByName() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/model.gguf"
            try TinyModel(family: "gemma").encoded().write(to: URL(fileURLWithPath: path))
            let error = try #require(throws: ModelFileError.self) { try ModelFile(path: path) }
            #expect(error.code == .unsupported)
            #expect(
                "\(error)".contains("of architecture gemma; use a model of llama, qwen2, qwen3, smollm3"), "\(error)")
        }
    }

    @Test func aLayoutIsTheFamilysTensorsLayerByLayer() {
        let layout = ParameterLayout(TinyModel(layers: 2).shape)
        #expect(layout.entries.first?.part == .embedding && layout.entries.last?.part == .finalNorm)
        #expect(
            layout.entries.map(\.layer) == [nil] + Array(repeating: 0, count: 9) + Array(repeating: 1, count: 9) + [nil]
        )
        var end = 0
        for entry in layout.entries {
            #expect(entry.offset == end)
            end += entry.count
        }
        #expect(layout.count == end)
    }
}
