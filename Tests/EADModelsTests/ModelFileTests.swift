import EADCore
import EADModels
import EADTestKit
import Foundation
import Testing

@Suite struct ModelFileTests {
    private static func parameters(of file: ModelFile) throws -> [Float] {
        var values = [Float](repeating: .nan, count: file.layout.count)
        try values.withUnsafeMutableBufferPointer { try file.readParameters(into: $0) }
        return values
    }

    @Test(arguments: TinyModel.Encoding.allCases, [true, false])
    func everyEncodingIsReadToTheBit(encoding: TinyModel.Encoding, tied: Bool) throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/model.gguf"
            let model = try TinyModel.write(
                to: path, tiedEmbedding: tied, queryKeyValueBias: !tied, encoding: encoding, seed: 7)
            let file = try ModelFile(path: path)
            #expect(file.shape == model.shape)
            #expect(file.name == "tiny")
            #expect(file.layout.entries.map(\.name) == model.tensors.map(\.name))
            #expect(file.layout.entries.map(\.rows) == model.tensors.map(\.rows))
            let read = try Self.parameters(of: file)
            let differences = zip(read, model.parameters).count { $0.bitPattern != $1.bitPattern }
            #expect(differences == 0 && read.count == model.parameters.count)
        }
    }

    @Test(arguments: TinyModel.Encoding.allCases, [1, 3])
    func aPolicyIsTheRoundedParametersForAnyNumberOfThreads(encoding: TinyModel.Encoding, threads: Int) throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/model.gguf"
            let model = try TinyModel.write(to: path, tiedEmbedding: false, encoding: encoding, seed: 3)
            let file = try ModelFile(path: path)
            var halves = [UInt16](repeating: 0, count: file.layout.count)
            try halves.withUnsafeMutableBytes { try file.readPolicy(into: $0, precision: .bf16, threads: threads) }
            let expected = model.parameters.map { value -> UInt16 in
                let bits = value.bitPattern
                return UInt16((bits + 0x7fff + ((bits >> 16) & 1)) >> 16)
            }
            #expect(halves == expected)
        }
    }

    @Test func aFileCutAtAnyByteOfItsHeaderIsRefused() throws {
        let bytes = TinyModel(layers: 1, hidden: 32, feedForward: 32, heads: 2, keyValueHeads: 1).encoded()
        try withTemporaryDirectory { directory in
            let path = directory + "/model.gguf"
            // The header of this model ends before byte 12000; beyond it every 97th length.
            let lengths = Array(0..<12_000) + stride(from: 12_000, to: bytes.count, by: 97) + [bytes.count - 1]
            try bytes.write(to: URL(fileURLWithPath: path))
            for length in lengths.reversed() {
                try #require(truncate(path, length) == 0)
                let error = #expect(throws: ModelFileError.self) { try ModelFile(path: path) }
                #expect(error?.file == path)
            }
        }
    }

    @Test func damagedBytesGiveAnErrorOrAModelButNeverATrap() throws {
        let model = TinyModel(layers: 1, hidden: 32, feedForward: 32, heads: 2, keyValueHeads: 1, encoding: .q8_0)
        let original = [UInt8](model.encoded())
        var random = SplitMix64(seed: 0xEAD)
        var refused = 0
        try withTemporaryDirectory { directory in
            let path = directory + "/model.gguf"
            for round in 0..<4000 {
                var bytes = original
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    // Mostly the structure (the vocabulary lies between), sometimes the weights.
                    let limit = round % 4 == 0 ? bytes.count : round % 2 == 0 ? 700 : 12_000
                    let place = Int.random(in: 0..<limit, using: &random)
                    let extreme = [UInt8(0), 1, 0x7F, 0x80, 0xFF].randomElement(using: &random)
                    let flipped = bytes[place] ^ 1 << UInt8.random(in: 0..<8, using: &random)
                    bytes[place] = round % 3 == 0 ? extreme ?? 0 : flipped
                }
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                do {
                    let file = try ModelFile(path: path)
                    if file.layout.count < 1 << 20 { _ = try Self.parameters(of: file) }
                } catch let error as ModelFileError {
                    refused += 1
                    #expect(!error.message.isEmpty && !error.advice.isEmpty)
                }
            }
        }
        #expect(refused > 400)
    }

    @Test(arguments: [
        Fault("magic", .notGGUF) { $0[0] = 0x67 },
        Fault("version", .unsupportedVersion) { $0[4] = 2 },
        Fault("tensor count", .implausible) { $0.replace(8, with: UInt64.max) },
        Fault("metadata count", .implausible) { $0.replace(16, with: UInt64(1) << 62) },
        Fault("key length", .implausible) { $0.replace(24, with: UInt64(Int64.max)) },
        Fault("string length", .implausible) { $0.replace($0.after("general.architecture") + 4, with: UInt64.max) },
        Fault("value type", .implausible) { $0.replace($0.after("general.architecture"), with: UInt32(13)) },
        Fault("array length", .implausible) {
            $0.replace($0.after("tokenizer.ggml.tokens") + 8, with: UInt64(1) << 61)
        },
        Fault("array of arrays", .unsupported) { $0.replace($0.after("tokenizer.ggml.tokens") + 4, with: UInt32(9)) },
        Fault("text", .malformed) { $0[$0.after("general.architecture") + 12] = 0xFF },
        Fault("architecture", .unsupported) { $0[$0.after("general.architecture") + 12] = UInt8(ascii: "k") },
        Fault("missing key", .missingMetadata) { $0[$0.after("llama.block_count") - 1] = UInt8(ascii: "x") },
        Fault("repeated key", .malformed) {
            $0.replace($0.after("llama.vocab_size") - 16, with: Array("llama.block_coun".utf8))
            $0.replace($0.after("llama.block_count") - 17, with: Array("llama.block_coun".utf8))
            let start = $0.after("llama.block_coun")
            $0.replace(start - 24, with: UInt64(16))
            $0.remove(at: start)
        },
        Fault("layer count", .missingTensor, tensor: "blk.1.attn_norm.weight") {
            $0.replace($0.after("llama.block_count") + 4, with: UInt32(2))
        },
        Fault("absurd layer count", .badMetadata) {
            $0.replace($0.after("llama.block_count") + 4, with: UInt32.max)
        },
        Fault("heads", .badMetadata) { $0.replace($0.after("llama.attention.head_count_kv") + 4, with: UInt32(3)) },
        Fault("head size", .unsupported) { $0.replace($0.after("llama.embedding_length") + 4, with: UInt32(64)) },
        Fault("inner size", .wrongShape, tensor: "blk.0.ffn_gate.weight") {
            $0.replace($0.after("llama.feed_forward_length") + 4, with: UInt32(64))
        },
        Fault("epsilon", .badMetadata) {
            $0.replace($0.after("llama.attention.layer_norm_rms_epsilon") + 4, with: Float.nan.bitPattern)
        },
        Fault("vocabulary size", .badMetadata) { $0.replace($0.after("llama.vocab_size") + 4, with: UInt32(278)) },
        Fault("rank", .implausible, tensor: "blk.0.attn_q.weight") {
            $0.replace($0.after("blk.0.attn_q.weight"), with: UInt32(5))
        },
        Fault("dimension of zero", .implausible, tensor: "blk.0.attn_q.weight") {
            $0.replace($0.after("blk.0.attn_q.weight") + 4, with: UInt64(0))
        },
        Fault("dimensions beyond memory", .implausible, tensor: "blk.0.attn_q.weight") {
            $0.replace($0.after("blk.0.attn_q.weight") + 4, with: UInt64(1) << 40)
            $0.replace($0.after("blk.0.attn_q.weight") + 12, with: UInt64(1) << 40)
        },
        Fault("transposed", .wrongShape, tensor: "blk.0.attn_k.weight") {
            $0.replace($0.after("blk.0.attn_k.weight") + 4, with: UInt64(16))
            $0.replace($0.after("blk.0.attn_k.weight") + 12, with: UInt64(32))
        },
        Fault("tensor type", .unsupportedTensorType, tensor: "blk.0.ffn_up.weight") {
            $0.replace($0.after("blk.0.ffn_up.weight") + 20, with: UInt32(16))
        },
        Fault("larger type", .misplacedTensor, tensor: "output_norm.weight") {
            $0.replace($0.after("output_norm.weight") + 4, with: UInt64(1) << 32)
        },
        Fault("unaligned data", .misplacedTensor, tensor: "blk.0.ffn_up.weight") {
            $0[$0.after("blk.0.ffn_up.weight") + 24] |= 1
        },
        Fault("data outside", .misplacedTensor, tensor: "blk.0.ffn_up.weight") {
            $0.replace($0.after("blk.0.ffn_up.weight") + 24, with: UInt64(1) << 63)
        },
        Fault("data of another tensor", .misplacedTensor) {
            $0.replace($0.after("blk.0.ffn_up.weight") + 24, with: UInt64(0))
        },
        Fault("unknown tensor", .missingTensor, tensor: "blk.0.ffn_up.weight") {
            $0[$0.after("blk.0.ffn_up.weight") - 8] = UInt8(ascii: "q")
        },
    ])
    func everyFaultIsNamed(_ fault: Fault) throws {
        var bytes = [UInt8](TinyModel(layers: 1, hidden: 32, feedForward: 32, heads: 2, keyValueHeads: 1).encoded())
        fault.damage(&bytes)
        try withTemporaryDirectory { directory in
            let path = directory + "/model.gguf"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let error = try #require(throws: ModelFileError.self) { try ModelFile(path: path) }
            #expect(error.code == fault.code, "\(error)")
            #expect(fault.tensor == nil || error.tensor == fault.tensor, "\(error)")
            #expect(error.description.contains(path))
        }
    }

    @Test func aTensorWithoutAPlaceInTheArchitectureIsRefused() throws {
        // A model with an output projection of which the file says that it is something else.
        var bytes = [UInt8](TinyModel(tiedEmbedding: false).encoded())
        bytes[bytes.lastStart(of: "output.weight")] = UInt8(ascii: "O")
        try withTemporaryDirectory { directory in
            let path = directory + "/model.gguf"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let error = try #require(throws: ModelFileError.self) { try ModelFile(path: path) }
            #expect(error.code == .unexpectedTensor)
            #expect(error.tensor == "Output.weight")
            #expect(error.type == "F32")
        }
    }

    @Test(arguments: [
        Fault("missing", .missingTensor, tensor: "blk.1.attn_q.bias") {
            $0[$0.after("blk.1.attn_q.bias") - 1] = UInt8(ascii: "z")
        },
        Fault("in the first layer only", .missingTensor, tensor: "blk.1.attn_k.bias") {
            $0[$0.after("blk.1.attn_k.bias") - 1] = UInt8(ascii: "z")
        },
        Fault("in the second layer only", .unexpectedTensor, tensor: "blk.0.attn_k.bias") {
            $0[$0.after("blk.0.attn_q.bias") - 1] = UInt8(ascii: "z")
        },
        Fault("in blocks", .unsupportedTensorType, tensor: "blk.0.attn_q.bias") {
            $0.replace($0.after("blk.0.attn_q.bias") + 12, with: UInt32(8))
        },
        Fault("of another size", .wrongShape, tensor: "blk.0.attn_k.bias") {
            $0.replace($0.after("blk.0.attn_k.bias") + 4, with: UInt64(16))
        },
    ])
    func aFaultOfABiasIsNamed(_ fault: Fault) throws {
        var bytes = [UInt8](TinyModel(queryKeyValueBias: true).encoded())
        fault.damage(&bytes)
        try withTemporaryDirectory { directory in
            let path = directory + "/model.gguf"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let error = try #require(throws: ModelFileError.self) { try ModelFile(path: path) }
            #expect(error.code == fault.code && error.tensor == fault.tensor, "\(error)")
        }
    }

    @Test(arguments: [Float.infinity, -.infinity, .nan])
    func aWeightThatIsNotFiniteIsNamedWithItsTensor(value: Float) throws {
        let model = TinyModel(layers: 1)
        var bytes = [UInt8](model.encoded())
        // The last tensor of the file is the final norm, padded to 32 bytes: 64 floats need no padding.
        bytes.replace(bytes.count - 4, with: value.bitPattern)
        try withTemporaryDirectory { directory in
            let path = directory + "/model.gguf"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let file = try ModelFile(path: path)
            let error = try #require(throws: ModelFileError.self) { _ = try Self.parameters(of: file) }
            #expect(error.code == .nonFiniteWeight)
            #expect(error.tensor == "output_norm.weight")
            #expect(error.offset == bytes.count - 256)
        }
    }

    @Test func whatIsNotAFileIsRefused() throws {
        try withTemporaryDirectory { directory in
            for path in [directory, directory + "/absent"] {
                let error = try #require(throws: ModelFileError.self) { try ModelFile(path: path) }
                #expect(error.code == .unreadable)
            }
            let empty = directory + "/empty"
            try Data().write(to: URL(fileURLWithPath: empty))
            #expect(try #require(throws: ModelFileError.self) { try ModelFile(path: empty) }.code == .truncated)
        }
    }
}
