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
            #expect("\(error)".contains("of architecture gemma; use a model of llama, qwen2"), "\(error)")
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
