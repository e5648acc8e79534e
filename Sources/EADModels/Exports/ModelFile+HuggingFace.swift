import EADCore

extension ModelFile {
    /// What transformers copies from one directory to the next, if it is there.
    private static let copied = [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
        "merges.txt", "chat_template.jinja", "chat_template.json", "generation_config.json",
    ]

    /// The files that make a directory of Hugging Face of weights that began as this model's: config.json, tokenizer and
    /// chat template.
    ///
    /// - Parameter type: How the weights are stored; not `q8_0`.
    /// - Throws: `ModelFileError` for what has no form there.
    package func companions(_ type: ExportType) throws(ModelFileError) -> [CompanionFile] {
        switch self.origin {
        case .directory(let directory):
            var configuration = directory.configuration.value
            configuration[configuration["dtype"] == nil ? "torch_dtype" : "dtype"] = .text(type.torchName)
            if configuration["dtype"] != nil { configuration["torch_dtype"] = nil }
            if let family = Family(named: self.shape.family) {
                configuration["architectures"] = .list([.text(family.className)])
            }
            var files = [CompanionFile(HuggingFaceDirectory.configurationFile, configuration.indented() + "\n")]
            for name in Self.copied where directory.has(name) {
                files.append(CompanionFile(name, [UInt8](try HuggingFaceDirectory.text(at: directory.place(name)))))
            }
            return files
        case .gguf(let metadata):
            let configuration = JSONValue(try self.configuration(metadata, type)).indented() + "\n"
            return [CompanionFile(HuggingFaceDirectory.configurationFile, configuration)]
                + (try metadata.tokenizerFiles(context: self.shape.contextLength))
        }
    }

    /// The weights as model.safetensors.
    ///
    /// - Throws: `ModelFileError` for a type that safetensors files do not have.
    package func safetensors(_ type: ExportType) throws(ModelFileError) -> ModelWriting {
        guard let element = type.element else { throw self.noForm("weights in \(type.rawValue)", "safetensors") }
        return ModelWriting(
            front: SafetensorsHeader(self.layout, element).encoded,
            tensors: self.layout.entries.map { WrittenTensor($0, name: $0.name, type.encoding) }, isPadded: false)
    }

    func noForm(_ what: String, _ format: String) -> ModelFileError {
        ModelFileError(
            .unsupported, file: self.path, "\(what) have no form in \(format)", advice: "export in another format")
    }

    /// The config.json of a model that came without one.
    private func configuration(
        _ metadata: GGUFMetadata, _ type: ExportType
    ) throws(ModelFileError) -> [String: JSONValue] {
        let shape = self.shape
        guard let family = Family(named: shape.family) else {
            preconditionFailure("an open model is of a known family")
        }
        /// As a person writes it: the shortest decimal that is the same float.
        func decimal(_ number: Float) -> JSONValue { .number(number.description) }
        var members: [String: JSONValue] = [
            "architectures": .list([.text(family.className)]), "model_type": .text(shape.family.rawValue),
            "vocab_size": .integer(shape.vocabulary), "hidden_size": .integer(shape.hidden),
            "intermediate_size": .integer(shape.feedForward), "num_hidden_layers": .integer(shape.layers),
            "num_attention_heads": .integer(shape.heads), "num_key_value_heads": .integer(shape.keyValueHeads),
            "head_dim": .integer(shape.headSize), "hidden_act": .text("silu"),
            "rms_norm_eps": decimal(shape.normEpsilon), "rope_theta": decimal(shape.ropeBase),
            "max_position_embeddings": .integer(shape.contextLength),
            "tie_word_embeddings": .flag(shape.tiedEmbedding), "torch_dtype": .text(type.torchName),
        ]
        if !shape.ropeDivisors.isEmpty {
            guard
                let scaling = RopeScaling(divisors: shape.ropeDivisors, headSize: shape.headSize, base: shape.ropeBase)
            else { throw self.noForm("the divisors of its rotary frequencies", "config.json") }
            members["rope_scaling"] = scaling.json
        }
        if family.configuration.read.contains("attention_bias") {
            guard shape.queryKeyValueBias == shape.outputBias else {
                throw self.noForm("biases of only a part of attention", "config.json of \(shape.family)")
            }
            members["attention_bias"] = .flag(shape.outputBias)
        } else if shape.outputBias {
            throw self.noForm("biases behind attention", "config.json of \(shape.family)")
        }
        if family.configuration.read.contains("no_rope_layers") {
            members["no_rope_layers"] = .list(
                (0..<shape.layers).map { .integer(shape.unrotatedLayers.contains($0) ? 0 : 1) })
        }
        if family.configuration.fixed["use_sliding_window"] != nil { members["use_sliding_window"] = .flag(false) }
        for (name, key) in SpecialNames.keysInGGUF where name != "unk_token" {
            if let token = try metadata.integer(key, in: 0...(shape.vocabulary - 1)) {
                members["\(name)_id"] = .integer(token)
            }
        }
        return members
    }
}
