import EADCore
import EADModels
import EADTestKit
import Foundation
import Testing

/// Directories as Hugging Face lays them out.
struct HuggingFaceDirectoryTests {
    /// One way in which a directory is not the model it was.
    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: ModelFileError.Code
        /// What the error must name.
        let names: String
        let apply: @Sendable (String) throws -> Void

        init(
            _ name: String, _ code: ModelFileError.Code, names: String,
            _ apply: @escaping @Sendable (String) throws -> Void
        ) {
            self.testDescription = name
            self.code = code
            self.names = names
            self.apply = apply
        }
    }

    private static func parameters(of file: ModelFile) throws -> [Float] {
        var values = [Float](repeating: .nan, count: file.layout.count)
        try values.withUnsafeMutableBufferPointer { try file.readParameters(into: $0) }
        return values
    }

    private static func write(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    @Test(arguments: Family.all.map(\.name), [TinyModel.Encoding.f32, .f16, .bf16])
    func oneFileOrSeveralAreReadToTheBit(family: FamilyName, encoding: TinyModel.Encoding) throws {
        for tied in [true, false] {
            for shards in [1, 3] {
                try withTemporaryDirectory { directory in
                    let model = TinyModel(family: family, tiedEmbedding: tied, encoding: encoding, seed: 5)
                    try model.writeDirectory(to: directory + "/tiny", shards: shards)
                    let file = try ModelFile(path: directory + "/tiny")
                    #expect(file.shape == model.shape)
                    #expect(file.name == "tiny")
                    let read = try Self.parameters(of: file)
                    #expect(read.elementsEqual(model.parameters) { $0.bitPattern == $1.bitPattern })
                }
            }
        }
    }

    @Test func aDirectoryAndAGGUFFileOfOneModelAreTheSame() throws {
        try withTemporaryDirectory { directory in
            let model = try TinyModel.write(to: directory + "/model.gguf", encoding: .bf16, seed: 9)
            try model.writeDirectory(to: directory + "/tiny")
            let file = try ModelFile(path: directory + "/model.gguf")
            let other = try ModelFile(path: directory + "/tiny")
            #expect(file.shape == other.shape)
            #expect(try Self.parameters(of: file) == Self.parameters(of: other))
        }
    }

    @Test func bothSpellingsOfRotaryPositionsAreRead() throws {
        try withTemporaryDirectory { directory in
            let model = TinyModel()
            let spellings: [(inout [String: Any]) -> Void] = [
                { $0["rope_theta"] = 77 },
                { members in
                    members["rope_theta"] = nil
                    members["rope_parameters"] = ["rope_theta": 77.0, "rope_type": "default"]
                    members["torch_dtype"] = nil
                    members["dtype"] = "bfloat16"
                    members["layer_types"] = ["full_attention", "full_attention"]
                },
                { members in
                    members["rope_theta"] = 77
                    members["rope_scaling"] = NSNull()
                },
                { members in
                    members["rope_theta"] = 77
                    members["rope_scaling"] = ["type": "default"]
                },
            ]
            for (index, change) in spellings.enumerated() {
                let path = directory + "/\(index)"
                try model.writeDirectory(to: path, change: change)
                #expect(try ModelFile(path: path).shape.ropeBase == 77)
            }
        }
    }

    @Test func whatAConfigurationDoesNotSayIsAsTransformersHasIt() throws {
        try withTemporaryDirectory { directory in
            try TinyModel(keyValueHeads: 4, tiedEmbedding: false).writeDirectory(to: directory) { members in
                for key in [
                    "num_key_value_heads", "head_dim", "hidden_act", "rope_theta", "rms_norm_eps",
                    "tie_word_embeddings",
                ] { members[key] = nil }
            }
            let shape = try ModelFile(path: directory).shape
            #expect(shape.keyValueHeads == 4 && shape.headSize == 16 && shape.ropeBase == 10_000)
            #expect(shape.normEpsilon == 1e-6 && !shape.tiedEmbedding)
        }
    }

    /// A key and a value for it.
    struct Setting: Sendable, CustomTestStringConvertible {
        let key: String
        let json: String
        let names: String
        var testDescription: String { "\(self.key): \(self.json)" }

        init(_ key: String, _ json: String, names: String? = nil) {
            self.key = key
            self.json = json
            self.names = names ?? key
        }
    }

    @Test(arguments: [
        Setting("model_type", #""gemma""#, names: "gemma"), Setting("model_type", "7"),
        Setting("model_type", "null", names: "model_type is missing"),
        Setting("hidden_act", #""gelu""#), Setting("mlp_bias", "true"), Setting("attention_multiplier", "0.3"),
        Setting("logits_scaling", "2.0"), Setting("embedding_multiplier", "3"), Setting("final_logit_softcapping", "5"),
        Setting("sliding_window", "16"), Setting("layer_types", #"["full_attention", "sliding_attention"]"#),
        Setting("qk_norm", "true"), Setting("use_qk_norm", "true"), Setting("is_causal", "false"),
        Setting("partial_rotary_factor", "0.5"), Setting("rope_scaling", #"{"type": "linear", "factor": 4.0}"#),
        Setting("rope_scaling", #"{"rope_type": "yarn", "factor": 4.0}"#, names: "yarn"),
        Setting("rope_scaling", #"{"rope_type": "default", "type": "linear"}"#, names: "linear"),
        Setting("rope_scaling", #"{"rope_type": "llama3", "factor": 8.0}"#, names: "low_freq_factor"),
        Setting(
            "rope_scaling",
            #"{"rope_type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 1, "original_max_position_embeddings": 64}"#,
            names: "below high_freq_factor"),
        Setting(
            "rope_scaling",
            #"{"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 64, "beta_fast": 2}"#,
            names: "beta_fast"),
        Setting("no_rope_layers", "[1, 1]"),
        Setting("rope_parameters", #"{"rope_theta": 5, "rope_type": "default"}"#, names: "rope_theta"),
        Setting(
            "rope_parameters", #"{"rope_type": "default", "partial_rotary_factor": 0.5}"#,
            names: "partial_rotary_factor"),
        Setting("quantization_config", #"{"bits": 4}"#), Setting("auto_map", #"{"AutoModel": "x.Y"}"#),
        Setting("num_experts", "8"), Setting("num_key_value_heads", "3", names: "3 key-value heads"),
        Setting("head_dim", "15", names: "15 elements"), Setting("vocab_size", #""many""#), Setting("hidden_size", "0"),
        Setting("num_hidden_layers", "4097"), Setting("rms_norm_eps", "-1"), Setting("rope_theta", "true"),
        Setting("tie_word_embeddings", #""yes""#), Setting("max_position_embeddings", "null"),
        Setting("vocab_size", "1.5"),
    ])
    func aSettingThatIsNotImplementedIsNamed(_ setting: Setting) throws {
        let value = try JSONSerialization.jsonObject(with: Data(setting.json.utf8), options: .fragmentsAllowed)
        try withTemporaryDirectory { directory in
            try TinyModel().writeDirectory(to: directory) { $0[setting.key] = value }
            let error = try #require(throws: ModelFileError.self) { try ModelFile(path: directory) }
            #expect([.unsupported, .badMetadata, .missingMetadata].contains(error.code), "\(error)")
            #expect(error.message.contains(setting.names), "\(error)")
            #expect(error.file == directory + "/config.json")
        }
    }

    @Test func keysOfRealConfigurationsWithoutEffectAreAccepted() throws {
        try withTemporaryDirectory { directory in
            try TinyModel().writeDirectory(to: directory) { members in
                members.merge([
                    "attention_bias": false, "attention_dropout": 0.0, "initializer_range": 0.04, "pretraining_tp": 1,
                    "is_llama_config": true, "rope_interleaved": false, "rope_scaling": NSNull(), "mlp_bias": false,
                    "transformers.js_config": ["kv_cache_dtype": ["fp16": "float16"]], "transformers_version": "4.42.3",
                    "architectures": ["LlamaForCausalLM"], "pad_token_id": 2, "_name_or_path": "x",
                ]) { $1 }
            }
            _ = try ModelFile(path: directory)
            try TinyModel(family: "qwen2").writeDirectory(to: directory + "/qwen2") { members in
                members["max_window_layers"] = 21
                members["sliding_window"] = 131_072
                members["use_mrope"] = false
            }
            _ = try ModelFile(path: directory + "/qwen2")
            try TinyModel(family: "qwen2").writeDirectory(to: directory + "/window") { $0["use_sliding_window"] = true }
            let error = try #require(throws: ModelFileError.self) { try ModelFile(path: directory + "/window") }
            #expect(error.message.contains("use_sliding_window"))
        }
    }

    /// A model in three files.
    private static let model = TinyModel(layers: 1, hidden: 32, feedForward: 32, heads: 2, keyValueHeads: 1)
    private static let first = "model-00001-of-00003.safetensors"

    /// Writes one file anew, with other tensors than it had.
    private static func rewrite(
        _ path: String, _ name: String, _ change: (inout [TinyModel.Tensor]) -> Void
    ) throws {
        var tensors = Array(Self.model.tensors[..<(Self.model.tensors.count / 3)])
        change(&tensors)
        try TinyModel.safetensors(tensors, .f32).write(to: URL(fileURLWithPath: path + "/" + name))
    }

    private static func changeIndex(_ path: String, _ change: (inout [String: Any]) -> Void) throws {
        let url = URL(fileURLWithPath: path + "/model.safetensors.index.json")
        var index = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        var map = try #require(index["weight_map"] as? [String: Any])
        change(&map)
        index["weight_map"] = map
        try JSONSerialization.data(withJSONObject: index).write(to: url)
    }

    @Test(arguments: [
        Damage("no configuration", .unreadable, names: "config.json") {
            try FileManager.default.removeItem(atPath: $0 + "/config.json")
        },
        Damage("a configuration that is no object", .malformed, names: "config.json") {
            try Self.write("[1]", $0 + "/config.json")
        },
        Damage("no weights", .unreadable, names: "neither model.safetensors nor") {
            try FileManager.default.removeItem(atPath: $0 + "/model.safetensors.index.json")
        },
        Damage("an index without a map", .malformed, names: "weight_map") {
            try Self.write("{}", $0 + "/model.safetensors.index.json")
        },
        Damage("an index of nothing", .malformed, names: "no tensors") {
            try Self.write(#"{"weight_map": {}}"#, $0 + "/model.safetensors.index.json")
        },
        Damage("a path out of the directory", .malformed, names: "../evil.safetensors") {
            try Self.changeIndex($0) { $0["model.norm.weight"] = "../evil.safetensors" }
        },
        Damage("an absolute path", .malformed, names: "/etc/x.safetensors") {
            try Self.changeIndex($0) { $0["model.norm.weight"] = "/etc/x.safetensors" }
        },
        Damage("another kind of file", .malformed, names: "model.bin") {
            try Self.changeIndex($0) { $0["model.norm.weight"] = "model.bin" }
        },
        Damage("no name at all", .malformed, names: "model.norm.weight") {
            try Self.changeIndex($0) { $0["model.norm.weight"] = 3 }
        },
        Damage("a file that is not there", .unreadable, names: "gone.safetensors") {
            try Self.changeIndex($0) { $0["model.norm.weight"] = "gone.safetensors" }
        },
        Damage("a tensor in another file than said", .malformed, names: "model.norm.weight") {
            try Self.changeIndex($0) { $0["model.norm.weight"] = Self.first }
        },
        Damage("a tensor of the index in no file", .missingTensor, names: "model.extra.weight") {
            try Self.changeIndex($0) { $0["model.extra.weight"] = Self.first }
        },
        Damage("a tensor that the index lacks", .unexpectedTensor, names: "model.norm.weight") {
            try Self.changeIndex($0) { $0["model.norm.weight"] = nil }
        },
        Damage("a tensor in two files", .malformed, names: "model.norm.weight") { path in
            try Self.rewrite(path, Self.first) { $0.append(Self.model.tensors[Self.model.tensors.count - 1]) }
        },
        Damage("a tensor less", .missingTensor, names: "input_layernorm") { path in
            try Self.rewrite(path, Self.first) { $0.removeAll { $0.name.contains("input_layernorm") } }
            try Self.changeIndex(path) { $0["model.layers.0.input_layernorm.weight"] = nil }
        },
        Damage("a cut file", .malformed, names: Self.first) { path in
            let url = URL(fileURLWithPath: path + "/" + Self.first)
            let data = try Data(contentsOf: url)
            try data[..<(data.count - 5)].write(to: url)
        },
        Damage("a file cut in its header", .implausible, names: Self.first) { path in
            let url = URL(fileURLWithPath: path + "/" + Self.first)
            try Data(contentsOf: url)[..<100].write(to: url)
        },
        Damage("an empty file", .truncated, names: Self.first) { try Self.write("", $0 + "/" + Self.first) },
        Damage("too short a file", .truncated, names: Self.first) { try Self.write("abc", $0 + "/" + Self.first) },
    ])
    func whatIsWrongWithTheFilesIsNamed(_ damage: Damage) throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/tiny"
            try Self.model.writeDirectory(to: path, shards: 3)
            _ = try ModelFile(path: path)
            try damage.apply(path)
            let error = try #require(throws: ModelFileError.self) { try ModelFile(path: path) }
            #expect(error.code == damage.code || damage.code == .malformed && error.code == .truncated, "\(error)")
            #expect("\(error)".contains(damage.names), "\(error)")
        }
    }

    /// A file whose header is written by hand over the data of a sound one.
    private static func header(_ tensors: String, count: Int = 64) -> Data {
        let json = Data("{\(tensors)}".utf8)
        return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) } + json + Data(count: count)
    }

    @Test(arguments: [
        (
            #""a": {"dtype": "F32", "shape": [8], "data_offsets": [0, 32]}, "b": {"dtype": "F32", "shape": [8], "data_offsets": [16, 48]}"#,
            "b"
        ),
        (
            #""a": {"dtype": "F32", "shape": [8], "data_offsets": [0, 32]}, "b": {"dtype": "F32", "shape": [4], "data_offsets": [48, 64]}"#,
            "b"
        ),
        (#""a": {"dtype": "F32", "shape": [9], "data_offsets": [0, 32]}"#, "a"),
        (#""a": {"dtype": "I64", "shape": [8], "data_offsets": [0, 64]}"#, "a"),
        (#""a": {"dtype": "F32", "shape": [16], "data_offsets": [0, 128]}"#, "a"),
        (#""a": {"shape": [16], "data_offsets": [0, 64]}"#, "a"), (#""a": 3"#, "a"),
    ])
    func tensorsThatCannotBeWhereTheySayAreNamed(header: String, tensor: String) throws {
        try withTemporaryDirectory { directory in
            try Self.model.writeDirectory(to: directory)
            let url = URL(fileURLWithPath: directory + "/model.safetensors")
            try Self.header(header).write(to: url)
            let error = try #require(throws: ModelFileError.self) { try ModelFile(path: directory) }
            #expect(error.tensor == tensor, "\(error)")
            #expect([.misplacedTensor, .unsupportedTensorType, .malformed].contains(error.code), "\(error)")
        }
    }

    @Test func tensorsThatTheConfigurationDoesNotCallForAreRefused() throws {
        try withTemporaryDirectory { directory in
            let own = TinyModel(tiedEmbedding: false)
            try own.writeDirectory(to: directory) { $0["tie_word_embeddings"] = true }
            let head = try #require(throws: ModelFileError.self) { try ModelFile(path: directory) }
            #expect(head.code == .unexpectedTensor && head.tensor == "lm_head.weight", "\(head)")
            try TinyModel().writeDirectory(to: directory) { $0["tie_word_embeddings"] = false }
            let missing = try #require(throws: ModelFileError.self) { try ModelFile(path: directory) }
            #expect(missing.code == .missingTensor && missing.tensor == "lm_head.weight", "\(missing)")
            try TinyModel(family: "qwen2").writeDirectory(to: directory) { $0["model_type"] = "llama" }
            let bias = try #require(throws: ModelFileError.self) { try ModelFile(path: directory) }
            #expect(bias.code == .unexpectedTensor || bias.message.contains("use_sliding_window"), "\(bias)")
            try TinyModel().writeDirectory(to: directory) { $0["intermediate_size"] = 64 }
            let shape = try #require(throws: ModelFileError.self) { try ModelFile(path: directory) }
            #expect(shape.code == .wrongShape && shape.tensor == "model.layers.0.mlp.gate_proj.weight", "\(shape)")
        }
    }

    @Test func aHeadThatRepeatsTheEmbeddingIsTied() throws {
        try withTemporaryDirectory { directory in
            let model = TinyModel()
            try model.writeDirectory(to: directory)
            let embedding = model.tensors[0]
            let head = embedding.renamed("lm_head.weight")
            let inverse = (0..<model.shape.layers).map {
                model.tensors[1].renamed("model.layers.\($0).self_attn.rotary_emb.inv_freq")
            }
            try TinyModel.safetensors(model.tensors + [head] + inverse, .f32)
                .write(to: URL(fileURLWithPath: directory + "/model.safetensors"))
            let file = try ModelFile(path: directory)
            #expect(file.shape == model.shape)
            #expect(try Self.parameters(of: file) == model.parameters)
        }
    }

    @Test func aWeightThatIsNoNumberIsNamed() throws {
        try withTemporaryDirectory { directory in
            try Self.model.writeDirectory(to: directory)
            let url = URL(fileURLWithPath: directory + "/model.safetensors")
            var data = try Data(contentsOf: url)
            data.replaceSubrange(data.count - 4..<data.count, with: [0, 0, 0xC0, 0x7F])
            try data.write(to: url)
            let file = try ModelFile(path: directory)
            let error = try #require(throws: ModelFileError.self) { try Self.parameters(of: file) }
            #expect(error.code == .nonFiniteWeight && error.tensor == "model.norm.weight", "\(error)")
        }
    }
}
