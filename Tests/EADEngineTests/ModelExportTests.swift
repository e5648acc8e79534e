import EADCore
import EADEngine
import EADTestKit
import Foundation
import Testing

@testable import EADModels

/// What is written for other programs is read back, and is the same model.
struct ModelExportTests {
    static func parameters(_ file: ModelFile) throws -> [Float] {
        var values = [Float](repeating: .nan, count: file.layout.count)
        try values.withUnsafeMutableBufferPointer { try file.readParameters(into: $0) }
        return values
    }

    static func policy(_ file: ModelFile) throws -> [UInt16] {
        var halves = [UInt16](repeating: 0, count: file.layout.count)
        try halves.withUnsafeMutableBytes { try file.readPolicy(into: $0, precision: .bf16, threads: 1) }
        return halves
    }

    /// Every family, with options where it has some.
    static func models() -> [TinyModel] {
        let divisors = RopeScaling(factor: 4, lowFrequency: 1, highFrequency: 4, originalContext: 64)
            .divisors(headSize: 16, base: 10_000)
        return [
            TinyModel(layers: 1, tiedEmbedding: false, seed: 21),
            TinyModel(layers: 1, queryKeyValueBias: true, outputBias: true, ropeDivisors: divisors, seed: 22),
            TinyModel(family: "qwen2", layers: 1, seed: 23), TinyModel(family: "qwen3", layers: 1, seed: 24),
            TinyModel(family: "smollm3", layers: 4, seed: 25),
        ]
    }

    /// A conversation as the model's own template writes it.
    private static func chat(_ file: ModelFile) throws -> [TokenID] {
        try ChatTemplate(file, Tokenizer(file)).encode([.init(.user, "What is 1 + 2? <|im_end|>")])
    }

    private static func tokenizer(_ file: ModelFile) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try Tokenizer(file).forEachDefiningPart { bytes += $0 }
        return bytes
    }

    @Test(arguments: models().indices)
    func aModelComesBackFromEitherFormat(index: Int) throws {
        let model = Self.models()[index]
        try withTemporaryDirectory { directory in
            let path = directory + "/model.gguf"
            try model.encoded().write(to: URL(fileURLWithPath: path))
            let original = try ModelFile(path: path)
            for type in [ExportType.f32, .bf16] {
                let first = directory + "/first-\(type.rawValue)"
                try model.parameters.withUnsafeBufferPointer {
                    try ModelExport.writeDirectory(original, $0, type: type, card: "# tiny\n", to: first)
                }
                let exported = try ModelFile(path: first)
                #expect(exported.shape == original.shape)
                #expect(try Self.policy(exported) == Self.policy(original))
                if type == .f32 { #expect(try Self.parameters(exported) == model.parameters) }
                // And from the directory to both formats.
                let again = directory + "/again-\(type.rawValue)"
                let file = directory + "/\(type.rawValue).gguf"
                let parameters = try Self.parameters(exported)
                try parameters.withUnsafeBufferPointer {
                    try ModelExport.writeDirectory(exported, $0, type: type, card: "", to: again)
                    try ModelExport.writeGGUF(exported, $0, type: type, to: file)
                }
                for path in [first, again, file] {
                    let other = try ModelFile(path: path)
                    #expect(try Self.chat(other) == Self.chat(original))
                    #expect(other.shape == original.shape, "\(path)")
                    #expect(try Self.parameters(other) == parameters, "\(path)")
                }
                #expect(try Self.tokenizer(ModelFile(path: file)) == Self.tokenizer(original))
                for name in [
                    "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json",
                ] {
                    let contents = try Data(contentsOf: URL(fileURLWithPath: first + "/" + name))
                    #expect(try Data(contentsOf: URL(fileURLWithPath: again + "/" + name)) == contents)
                }
            }
        }
    }

    @Test func aGGUFFileBecomesOneOfAnyType() throws {
        try withTemporaryDirectory { directory in
            let model = try TinyModel.write(to: directory + "/model.gguf", layers: 1, tiedEmbedding: false, seed: 31)
            let original = try ModelFile(path: directory + "/model.gguf")
            for (type, tolerance) in [(ExportType.f32, Float(0)), (.bf16, 0.004), (.f16, 0.0005), (.q8_0, 0.01)] {
                let path = directory + "/\(type.rawValue).gguf"
                try model.parameters.withUnsafeBufferPointer {
                    try ModelExport.writeGGUF(original, $0, type: type, to: path)
                }
                let read = try Self.parameters(ModelFile(path: path))
                let worst = zip(read, model.parameters).map { abs($0 - $1) }.max() ?? 1
                #expect(worst <= tolerance, "\(type)")
            }
        }
    }

    @Test func aCheckpointIsAModelsDirectory() throws {
        try withTemporaryDirectory { directory in
            let model = try TinyModel.write(to: directory + "/model.gguf", family: "qwen3", layers: 1, seed: 41)
            let original = try ModelFile(path: directory + "/model.gguf")
            let store = CheckpointStore(directory: directory + "/checkpoints", keep: 1)
            try store.prepare()
            let state = CheckpointState(
                step: GlobalStep(3), updates: 3, run: try #require(RunID(bytes: 0..<16)), configurationHash: "c0ffee",
                shape: original.shape)
            let checkpoint = try model.parameters.withUnsafeBytes { bytes in
                let source = ByteSource(bytes)
                return try store.save(
                    state, parameters: source, firstMoments: source, secondMoments: source,
                    companions: original.companions(.f32))
            }
            let file = try ModelFile(path: checkpoint.path)
            #expect(file.shape == original.shape)
            #expect(try Self.parameters(file) == model.parameters)
            #expect(try Self.tokenizer(file) == Self.tokenizer(original))
            try checkpoint.verify()
            let url = URL(fileURLWithPath: checkpoint.path + "/tokenizer.json")
            try (Data(contentsOf: url) + Data(" ".utf8)).write(to: url)
            let error = try #require(throws: CheckpointError.self) { try checkpoint.verify() }
            #expect(error.code == .damaged && error.path.hasSuffix("tokenizer.json"), "\(error)")
        }
    }

    @Test func whatHasNoFormIsRefusedByName() throws {
        try withTemporaryDirectory { directory in
            // Biases of q, k and v alone.
            let model = try TinyModel.write(to: directory + "/model.gguf", layers: 1, queryKeyValueBias: true)
            let file = try ModelFile(path: directory + "/model.gguf")
            let error = try #require(throws: ModelFileError.self) { try file.companions(.f32) }
            #expect(error.message.contains("biases of only a part of attention"), "\(error)")
            #expect(throws: ModelFileError.self) { try file.safetensors(.q8_0) }
            try model.parameters.withUnsafeBufferPointer { parameters in
                let error = try #require(throws: CheckpointError.self) {
                    try ModelExport.writeGGUF(file, parameters, type: .f32, to: directory + "/model.gguf")
                }
                #expect(error.code == .unwritable && error.message.contains("already"))
            }
            try TinyModel(family: "smollm3", layers: 4).writeDirectory(to: directory + "/other") {
                $0["no_rope_layers"] = [0, 1, 1, 1]
            }
            let other = try ModelFile(path: directory + "/other")
            #expect(throws: ModelFileError.self) { try other.gguf(.f32) }
        }
    }
}
