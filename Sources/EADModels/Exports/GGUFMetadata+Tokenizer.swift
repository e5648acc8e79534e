import EADCore

extension GGUFMetadata {
    /// What a Hugging Face directory has beside its weights, of the tokenizer of this file.
    ///
    /// - Throws: `ModelFileError` for a tokenizer whose words have no expression here.
    func tokenizerFiles(context: Int) throws(ModelFileError) -> [CompanionFile] {
        let model = try self.requiredText("tokenizer.ggml.model")
        let name = try self.text("tokenizer.ggml.pre") ?? "missing"
        guard model == "gpt2", let scheme = TokenizerScheme.named(name) else {
            throw self.fault(
                .unsupported,
                "tokenizer.ggml.model \(model) with tokenizer.ggml.pre \(name) has no form in tokenizer.json here",
                advice: "export to GGUF instead")
        }
        let types = try self.integers("tokenizer.ggml.token_type")
        var tokens: [String] = []
        try self.forEachString("tokenizer.ggml.tokens") { (_, text) throws(ModelFileError) in
            tokens.append(String(decoding: text, as: UTF8.self))
        }
        guard tokens.count == types.count, !tokens.isEmpty else {
            throw self.fault(.badMetadata, "tokenizer.ggml.token_type and tokenizer.ggml.tokens differ in length")
        }
        var added: [String] = []
        var entries: [String] = []
        for (index, token) in tokens.enumerated() {
            let type = GGUFTokenType(rawValue: types[index])
            guard type != .unused else { continue }
            entries.append("\(JSONValue.quoted(token)):\(index)")
            guard type == .control || type == .userDefined else { continue }
            added.append(
                #"{"id":\#(index),"content":\#(JSONValue.quoted(token)),"single_word":false,"lstrip":false,"rstrip":false,"#
                    + #""normalized":false,"special":\#(type == .control)}"#)
        }
        var merges: [String] = []
        var isWhole = true
        try self.forEachString("tokenizer.ggml.merges") { (_, text) throws(ModelFileError) in
            let sides = String(decoding: text, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
            isWhole = isWhole && sides.count == 2
            if sides.count == 2 {
                merges.append("[\(JSONValue.quoted(String(sides[0]))),\(JSONValue.quoted(String(sides[1])))]")
            }
        }
        guard isWhole else { throw self.fault(.malformed, "a merge of tokenizer.ggml.merges does not join two tokens") }
        let last = tokens.count - 1
        func token(_ key: String) throws(ModelFileError) -> (id: Int, text: String)? {
            try self.integer(key, in: 0...last).map { ($0, tokens[$0]) }
        }
        let beginning = try token("tokenizer.ggml.bos_token_id")
        let begins = try self.flag("tokenizer.ggml.add_bos_token") ?? scheme.addsBeginning
        let json =
            #"{"version":"1.0","truncation":null,"padding":null,"added_tokens":[\#(added.joined(separator: ","))],"#
            + #""normalizer":\#(scheme.normalization == .nfc ? #"{"type":"NFC"}"# : "null"),"pre_tokenizer":\#(scheme.json),"#
            + #""post_processor":\#(begins ? beginning.map(Self.template) ?? "null" : "null"),"#
            + #""decoder":\#(TokenizerScheme.byteLevel(findsWords: true)),"model":{"type":"BPE","dropout":null,"#
            + #""unk_token":null,"continuing_subword_prefix":"","end_of_word_suffix":"","fuse_unk":false,"#
            + #""byte_fallback":false,"ignore_merges":\#(scheme.ignoresMerges),"vocab":{\#(entries.joined(separator: ","))},"#
            + #""merges":[\#(merges.joined(separator: ","))]}}"#
        var settings = [
            #""tokenizer_class":"PreTrainedTokenizerFast""#, #""clean_up_tokenization_spaces":false"#,
            #""model_max_length":\#(context)"#,
        ]
        for (name, key) in SpecialNames.keysInGGUF {
            if let token = try token(key) { settings.append("\"\(name)\":\(JSONValue.quoted(token.text))") }
        }
        let template = try self.text("tokenizer.chat_template")
        if let template { settings.append("\"chat_template\":\(JSONValue.quoted(template))") }
        var files = [
            CompanionFile("tokenizer.json", json + "\n"),
            CompanionFile("tokenizer_config.json", "{\(settings.joined(separator: ","))}\n"),
        ]
        if let template { files.append(CompanionFile("chat_template.jinja", template)) }
        // All that end a response, of which the file's own key has room for one.
        let ends = try TokenizerParts(self).ends.map { "\($0)" }.joined(separator: ",")
        let begin = beginning.map { "\"bos_token_id\":\($0.id)," } ?? ""
        files.append(CompanionFile("generation_config.json", "{\(begin)\"eos_token_id\":[\(ends)]}\n"))
        return files
    }

    /// The post-processor that puts a token before every text.
    private static func template(_ token: (id: Int, text: String)) -> String {
        let name = JSONValue.quoted(token.text)
        func special(_ type: Int) -> String { #"{"SpecialToken":{"id":\#(name),"type_id":\#(type)}}"# }
        func sequence(_ id: String, _ type: Int) -> String { #"{"Sequence":{"id":"\#(id)","type_id":\#(type)}}"# }
        return #"{"type":"TemplateProcessing","single":[\#(special(0)),\#(sequence("A", 0))],"#
            + #""pair":[\#(special(0)),\#(sequence("A", 0)),\#(special(1)),\#(sequence("B", 1))],"#
            + #""special_tokens":{\#(name):{"id":\#(name),"ids":[\#(token.id)],"tokens":[\#(name)]}}}"#
    }
}
