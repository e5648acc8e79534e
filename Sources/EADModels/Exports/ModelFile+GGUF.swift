import EADCore
import Foundation

extension ModelFile {
    /// The weights, with all that belongs to them, as a GGUF file.
    ///
    /// - Parameter type: Of the matrices; norms and biases are F32 always, as llama.cpp has them.
    /// - Throws: `ModelFileError` for what has no form there.
    package func gguf(_ type: ExportType) throws(ModelFileError) -> ModelWriting {
        let shape = self.shape
        guard let family = Family(named: shape.family) else {
            preconditionFailure("an open model is of a known family")
        }
        guard shape.unrotatedLayers == Family.unrotated(layers: shape.layers, interval: family.unrotatedInterval) else {
            throw self.noForm("these layers without rotary positions", "GGUF")
        }
        var writing = GGUFWriting()
        func key(_ name: String) -> String { shape.family.rawValue + "." + name }
        writing.add("general.architecture", shape.family.rawValue)
        writing.add("general.name", self.name)
        writing.add(key("block_count"), UInt32(shape.layers))
        writing.add(key("context_length"), UInt32(shape.contextLength))
        writing.add(key("embedding_length"), UInt32(shape.hidden))
        writing.add(key("feed_forward_length"), UInt32(shape.feedForward))
        writing.add(key("attention.head_count"), UInt32(shape.heads))
        writing.add(key("attention.head_count_kv"), UInt32(shape.keyValueHeads))
        writing.add(key("attention.key_length"), UInt32(shape.headSize))
        writing.add(key("attention.value_length"), UInt32(shape.headSize))
        writing.add(key("attention.layer_norm_rms_epsilon"), shape.normEpsilon)
        writing.add(key("rope.freq_base"), shape.ropeBase)
        writing.add(key("rope.dimension_count"), UInt32(shape.headSize))
        writing.add(key("vocab_size"), UInt32(shape.vocabulary))
        if type == .q8_0 { writing.add("general.quantization_version", UInt32(2)) }
        switch self.origin {
        case .gguf(let metadata):
            for (key, value) in metadata.values.sorted(by: { $0.key < $1.key }) where key.hasPrefix("tokenizer.") {
                writing.add(key, value, from: metadata.file)
            }
        case .directory(let directory): try writing.addTokenizer(of: directory, vocabulary: shape.vocabulary)
        }
        var tensors: [WrittenTensor] = []
        if !shape.ropeDivisors.isEmpty {
            tensors.append(WrittenTensor(name: GGUFHeader.ropeDivisors, shape.ropeDivisors))
        }
        for entry in self.layout.entries {
            // Rows that are not whole blocks stay halves.
            let matrix = entry.columns % type.encoding.blockSize == 0 ? type.encoding : .f16
            tensors.append(
                WrittenTensor(
                    entry, name: entry.gguf, entry.isVector ? .f32 : matrix,
                    rotary: entry.order == .rotaryPairs ? shape.headSize : 0))
        }
        return ModelWriting(front: writing.front(tensors), tensors: tensors, isPadded: true)
    }
}

extension GGUFWriting {
    /// The tokenizer and chat template of a Hugging Face directory.
    fileprivate mutating func addTokenizer(
        of directory: HuggingFaceDirectory, vocabulary: Int
    ) throws(ModelFileError) {
        let path = directory.place("tokenizer.json")
        func fault(_ message: String) -> ModelFileError {
            ModelFileError(.unsupported, file: path, message, advice: "export to a Hugging Face directory instead")
        }
        guard let file = try Self.members(of: path), let model = file["model"] as? [String: Any],
            let tokens = model["vocab"] as? [String: Int]
        else { throw fault("has no model with a vocabulary") }
        guard let scheme = TokenizerScheme.of(file) else { throw fault("cuts words in a way that has no name in GGUF") }
        var texts = (0..<vocabulary).map { "[PAD\($0)]" }
        var types = [GGUFTokenType](repeating: .unused, count: vocabulary)
        func place(_ text: String, _ id: Int, _ type: GGUFTokenType) throws(ModelFileError) {
            guard texts.indices.contains(id) else { throw fault("has token \(id), beyond the model's vocabulary") }
            texts[id] = text
            types[id] = type
        }
        for (text, id) in tokens { try place(text, id, .normal) }
        var identifiers: [String: Int] = [:]
        for token in file["added_tokens"] as? [[String: Any]] ?? [] {
            guard let id = token["id"] as? Int, let text = token["content"] as? String else {
                throw fault("has an added token without id and content")
            }
            try place(text, id, token["special"] as? Bool == true ? .control : .userDefined)
            identifiers[text] = id
        }
        guard let merges = model["merges"] as? [Any] else { throw fault("has no merges") }
        var joined: [String] = []
        for merge in merges {
            if let sides = merge as? [String], sides.count == 2 {
                joined.append(sides[0] + " " + sides[1])
            } else if let text = merge as? String {
                joined.append(text)
            } else {
                throw fault("has a merge that does not join two tokens")
            }
        }
        self.add("tokenizer.ggml.model", "gpt2")
        self.add("tokenizer.ggml.pre", scheme.names[0])
        self.add("tokenizer.ggml.tokens", texts)
        self.add("tokenizer.ggml.token_type", types.map(\.rawValue))
        self.add("tokenizer.ggml.merges", joined)
        let settings = try Self.members(of: directory.place("tokenizer_config.json")) ?? [:]
        for (name, key) in [
            ("bos_token", "bos_token_id"), ("eos_token", "eos_token_id"), ("pad_token", "padding_token_id"),
        ] {
            let text = settings[name] as? String ?? (settings[name] as? [String: Any])?["content"] as? String
            let named = text.flatMap { identifiers[$0] ?? tokens[$0] }
            // config.json may list several that end a text; GGUF has room for one.
            var said = directory.configuration["\(name)_id"]
            if case .list(let several)? = said { said = several.first }
            guard let id = named ?? said?.wholeNumber, texts.indices.contains(id) else { continue }
            self.add("tokenizer.ggml.\(key)", UInt32(id))
        }
        self.add("tokenizer.ggml.add_bos_token", Self.addsBeginning(file["post_processor"]))
        if let template = try Self.template(directory, settings) { self.add("tokenizer.chat_template", template) }
    }

    private static func members(of path: String) throws(ModelFileError) -> [String: Any]? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let text = try HuggingFaceDirectory.text(at: path)
        guard let members = try? JSONSerialization.jsonObject(with: text) as? [String: Any] else {
            throw ModelFileError(.malformed, file: path, "is not a JSON object", advice: "fetch the model again")
        }
        return members
    }

    /// Whether a post-processor puts a token before a text.
    private static func addsBeginning(_ value: Any?) -> Bool {
        guard let members = value as? [String: Any] else { return false }
        if let parts = members["processors"] as? [Any] { return parts.contains { Self.addsBeginning($0) } }
        guard members["type"] as? String == "TemplateProcessing", let single = members["single"] as? [[String: Any]]
        else { return false }
        return single.first?["SpecialToken"] != nil
    }

    private static func template(
        _ directory: HuggingFaceDirectory, _ settings: [String: Any]
    ) throws(ModelFileError) -> String? {
        if directory.has("chat_template.jinja") {
            let text = try HuggingFaceDirectory.text(at: directory.place("chat_template.jinja"))
            return String(decoding: text, as: UTF8.self)
        }
        if let template = settings["chat_template"] as? String { return template }
        let named = settings["chat_template"] as? [[String: Any]] ?? []
        return named.first { $0["name"] as? String == "default" }?["template"] as? String
    }
}
