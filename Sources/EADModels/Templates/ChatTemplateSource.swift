import EADCore
import Foundation

/// The chat template of a model as its files have it.
struct ChatTemplateSource: Sendable {
    let text: String
    let path: String
    /// Names that the template may use for tokens, such as `bos_token`, each with the token's text.
    let names: [(name: String, text: String)]

    init(_ file: ModelFile, _ tokenizer: Tokenizer) throws(ModelFileError) {
        switch file.origin {
        case .gguf(let metadata):
            guard let text = try metadata.text("tokenizer.chat_template") else { throw Self.missing(file.path) }
            self.text = text
            self.path = file.path
            self.names = try Self.names(metadata, tokenizer)
        case .directory(let directory):
            guard let (text, path) = try Self.read(directory.path) else { throw Self.missing(directory.path) }
            (self.text, self.path) = (text, path)
            self.names = try SpecialNames(directory: directory.path).texts
        }
    }

    private static func missing(_ path: String) -> ModelFileError {
        ModelFileError(
            .unsupported, file: path, "the model has no chat template",
            advice: "use raw prompts, or a model tuned for chat")
    }

    private static func names(
        _ metadata: GGUFMetadata, _ tokenizer: Tokenizer
    ) throws(ModelFileError) -> [(name: String, text: String)] {
        var names: [(name: String, text: String)] = []
        for (name, key) in SpecialNames.keysInGGUF {
            guard let token = try metadata.integer(key, in: 0...tokenizer.count - 1) else { continue }
            names.append((name, tokenizer.decode([TokenID(token)])))
        }
        return names
    }

    /// The file of its own that newer directories have, or the entry of tokenizer_config.json: a text, or a list of texts
    /// with names, of which `default` is meant; nil without any.
    static func read(_ directory: String) throws(ModelFileError) -> (text: String, path: String)? {
        let own = "\(directory)/chat_template.jinja"
        if FileManager.default.fileExists(atPath: own) {
            let file = try MappedFile(path: own)
            // The mapping lives as long as the file.
            defer { withExtendedLifetime(file) {} }
            guard let text = String(validating: file.bytes, as: UTF8.self) else {
                throw ModelFileError(.malformed, file: own, "is not valid UTF-8", advice: "fetch the model again")
            }
            return (text, own)
        }
        let path = "\(directory)/tokenizer_config.json"
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let file = try JSONFile(path: path)
        switch file.value["chat_template"] {
        case .text(let text)?: return (text, path)
        case .list(let templates)?:
            guard let text = templates.first(where: { $0["name"]?.text == "default" })?["template"]?.text else {
                throw file.malformed("chat_template has none named default")
            }
            return (text, path)
        case .null?, nil: return nil
        default: throw file.malformed("chat_template is neither a text nor a list of texts with names")
        }
    }
}
