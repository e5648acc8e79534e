import EADCore

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
        let file = try JSONFile(object: directory.place("tokenizer.json"))
        func fault(_ message: String) -> ModelFileError {
            ModelFileError(.unsupported, file: file.path, message, advice: "export to a Hugging Face directory instead")
        }
        guard let model = file.value["model"], case .object(let tokens)? = model["vocab"] else {
            throw fault("has no model with a vocabulary")
        }
        guard let scheme = TokenizerScheme.of(file.value) else {
            throw fault("cuts words in a way that has no name in GGUF")
        }
        var texts = (0..<vocabulary).map { "[PAD\($0)]" }
        var types = [GGUFTokenType](repeating: .unused, count: vocabulary)
        var identifiers: [TokenText: Int] = [:]
        func place(_ text: String?, _ id: JSONValue?, _ type: GGUFTokenType) throws(ModelFileError) {
            guard let text, let id = id?.integer else { throw fault("has a token without text and number") }
            guard texts.indices.contains(id) else { throw fault("has token \(id), beyond the model's vocabulary") }
            texts[id] = text
            types[id] = type
            identifiers[TokenText(text)] = id
        }
        for token in tokens { try place(token.key, token.value, .normal) }
        if case .list(let added)? = file.value["added_tokens"] {
            for token in added {
                let isSpecial = token["special"] == .flag(true)
                try place(token["content"]?.text, token["id"], isSpecial ? .control : .userDefined)
            }
        }
        guard case .list(let merges)? = model["merges"] else { throw fault("has no merges") }
        var joined: [String] = []
        for merge in merges {
            guard let (left, right) = TokenizerParts.sides(of: merge) else {
                throw fault("has a merge that does not join two tokens")
            }
            joined.append(left + " " + right)
        }
        self.add("tokenizer.ggml.model", "gpt2")
        self.add("tokenizer.ggml.pre", scheme.names[0])
        self.add("tokenizer.ggml.tokens", texts)
        self.add("tokenizer.ggml.token_type", types.map(\.rawValue))
        self.add("tokenizer.ggml.merges", joined)
        let names = try SpecialNames(directory: directory.path)
        for (name, key) in SpecialNames.keysInGGUF {
            // config.json may list several that end a text; GGUF has room for one.
            var said = directory.configuration["\(name)_id"]
            if case .list(let several)? = said { said = several.first }
            let id = names[name].flatMap { identifiers[TokenText($0)] } ?? said?.wholeNumber
            guard let id, texts.indices.contains(id) else { continue }
            self.add(key, UInt32(id))
        }
        self.add("tokenizer.ggml.add_bos_token", Self.addsBeginning(file.value["post_processor"]))
        if let template = try ChatTemplateSource.read(directory.path) {
            self.add("tokenizer.chat_template", template.text)
        }
    }

    /// Whether a post-processor puts a token before a text.
    private static func addsBeginning(_ value: JSONValue?) -> Bool {
        if case .list(let parts)? = value?["processors"] { return parts.contains { Self.addsBeginning($0) } }
        guard value?["type"]?.text == "TemplateProcessing", case .list(let single)? = value?["single"] else {
            return false
        }
        return single.first?["SpecialToken"] != nil
    }
}
