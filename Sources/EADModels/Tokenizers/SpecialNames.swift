import EADCore
import Foundation

/// The names that chat templates and settings call tokens by, such as `bos_token`, each with the token's text.
struct SpecialNames: Sendable {
    private(set) var texts: [(name: String, text: String)] = []

    private static let names = [
        "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
    ]

    /// The names of those that GGUF has a key for, with that key, which holds the token's number.
    static let keysInGGUF = [
        (name: "bos_token", key: "tokenizer.ggml.bos_token_id"),
        (name: "eos_token", key: "tokenizer.ggml.eos_token_id"),
        (name: "unk_token", key: "tokenizer.ggml.unknown_token_id"),
        (name: "pad_token", key: "tokenizer.ggml.padding_token_id"),
    ]

    subscript(name: String) -> String? { self.texts.first { $0.name == name }?.text }

    /// Those of tokenizer_config.json, and of special_tokens_map.json where the former is silent.
    init(directory: String) throws(ModelFileError) {
        for name in ["tokenizer_config.json", "special_tokens_map.json"]
        where FileManager.default.fileExists(atPath: "\(directory)/\(name)") {
            let file = try JSONFile(path: "\(directory)/\(name)")
            for name in Self.names where self[name] == nil {
                switch file.value[name] {
                case .text(let text)?: self.texts.append((name, text))
                case .object?:
                    guard let text = file.value[name]?["content"]?.text else {
                        throw file.malformed("\(name) has no content")
                    }
                    self.texts.append((name, text))
                case .null?, nil: continue
                default: throw file.malformed("\(name) is not a string")
                }
            }
        }
    }
}
