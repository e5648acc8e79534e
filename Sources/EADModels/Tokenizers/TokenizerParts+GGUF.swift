import EADCore

extension TokenizerParts {
    init(_ metadata: GGUFMetadata) throws(ModelFileError) {
        let scheme = try Self.scheme(metadata)
        self.rule = scheme.rule
        self.normalization = scheme.normalization
        let identifiers = try self.readTokens(metadata, types: metadata.integers("tokenizer.ggml.token_type"))
        try self.readMerges(metadata, identifiers)
        if scheme.ignoresMerges {
            self.vocabulary.wholeWords = WholeWords(
                identifiers.values.sorted(), bytes: self.vocabulary.bytes, starts: self.vocabulary.starts)
        }
        try self.readBeginning(metadata, isUsual: scheme.addsBeginning)
        try self.readEnds(metadata)
    }

    private static func scheme(_ metadata: GGUFMetadata) throws(ModelFileError) -> TokenizerScheme {
        func refuse(_ key: String, _ value: String, _ known: String) -> ModelFileError {
            metadata.fault(
                .unsupported, "\(key) is \(value), only \(known) is implemented",
                advice: "use a model with one of these tokenizers")
        }
        let model = try metadata.requiredText("tokenizer.ggml.model")
        guard model == "gpt2" else { throw refuse("tokenizer.ggml.model", model, "gpt2") }
        let name = try metadata.requiredText("tokenizer.ggml.pre")
        guard let scheme = TokenizerScheme.named(name) else {
            let known = TokenizerScheme.all.flatMap(\.names).joined(separator: ", ")
            throw refuse("tokenizer.ggml.pre", name, "one of \(known)")
        }
        for key in ["tokenizer.ggml.add_space_prefix", "tokenizer.ggml.add_eos_token"] {
            guard try metadata.flag(key) != true else { throw refuse(key, "true", "false") }
        }
        return scheme
    }

    /// Returns the id of each token that words can become, by its text in the file.
    private mutating func readTokens(
        _ metadata: GGUFMetadata, types: [Int32]
    ) throws(ModelFileError) -> [TokenText: TokenID] {
        guard types.count == (try metadata.arrayCount("tokenizer.ggml.tokens")) else {
            throw metadata.fault(.badMetadata, "tokenizer.ggml.token_type and tokenizer.ggml.tokens differ in length")
        }
        var identifiers: [TokenText: TokenID] = [:]
        identifiers.reserveCapacity(types.count)
        try metadata.forEachString("tokenizer.ggml.tokens") { (index, text) throws(ModelFileError) in
            let name = "token \(index) of tokenizer.ggml.tokens"
            guard let token = String(validating: text, as: UTF8.self), !token.isEmpty else {
                throw metadata.fault(.malformed, "\(name) is empty or not valid UTF-8")
            }
            guard identifiers.updateValue(TokenID(index), forKey: TokenText(token)) == nil else {
                throw metadata.fault(.malformed, "\(name) occurs twice")
            }
            switch GGUFTokenType(rawValue: types[index]) {
            case .normal:
                guard let bytes = ByteAlphabet.bytes(of: token) else {
                    throw metadata.fault(.malformed, "\(name) has a character outside the byte-level alphabet")
                }
                self.vocabulary.append(bytes)
            case .control, .userDefined:
                self.vocabulary.append(text)
                self.added.append(
                    AddedToken(
                        name: Array(text), token: TokenID(index),
                        isSpecial: types[index] == GGUFTokenType.control.rawValue))
            case .unknown, .unused:
                self.vocabulary.append(text)
            case .byte, nil:
                throw metadata.fault(.unsupported, "\(name) is of type \(types[index])")
            }
        }
        return identifiers
    }

    private mutating func readMerges(
        _ metadata: GGUFMetadata, _ identifiers: [TokenText: TokenID]
    ) throws(ModelFileError) {
        var pairs = BytePairs(capacity: try metadata.arrayCount("tokenizer.ggml.merges") ?? 0)
        for byte in UInt8.min...UInt8.max {
            pairs.byteTokens[Int(byte)] =
                identifiers[TokenText(String(ByteAlphabet.character(of: byte)))] ?? BytePairs.none
        }
        func token(_ text: some Collection<UInt8>) -> TokenID? {
            String(validating: text, as: UTF8.self).flatMap { identifiers[TokenText($0)] }
        }
        try metadata.forEachString("tokenizer.ggml.merges") { (rank, text) throws(ModelFileError) in
            // No token contains a space: the alphabet writes it as another character.
            guard let space = text.firstIndex(of: UInt8(ascii: " ")), let left = token(text[..<space]),
                let right = token(text[(space + 1)...]),
                let merged = token(text.filter { $0 != UInt8(ascii: " ") })
            else {
                throw metadata.fault(
                    .malformed, "merge \(rank) of tokenizer.ggml.merges does not join two tokens into a third")
            }
            pairs.insert(left, right, rank: UInt32(rank), merged: merged)
        }
        self.vocabulary.pairs = pairs
    }

    private mutating func readBeginning(_ metadata: GGUFMetadata, isUsual: Bool) throws(ModelFileError) {
        guard try metadata.flag("tokenizer.ggml.add_bos_token") ?? isUsual else { return }
        let last = self.vocabulary.count - 1
        self.beginning = [TokenID(try metadata.requiredInteger("tokenizer.ggml.bos_token_id", in: 0...last))]
    }

    private mutating func readEnds(_ metadata: GGUFMetadata) throws(ModelFileError) {
        let last = self.vocabulary.count - 1
        let end = TokenID(try metadata.requiredInteger("tokenizer.ggml.eos_token_id", in: 0...last))
        // A file has room for one; those of these names are ends as well, as llama.cpp has it.
        for name in ["<|endoftext|>", "<|end_of_text|>"] { self.addEnd(self.special(named: name)) }
        self.addEnd(end)
        for key in ["tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"] {
            self.addEnd(try metadata.integer(key, in: 0...last).map { TokenID($0) })
        }
        for name in ["<|im_end|>", "<|eot_id|>", "<|eom_id|>"] { self.addEnd(self.special(named: name)) }
    }

    private func special(named name: String) -> TokenID? {
        self.added.first { $0.isSpecial && $0.name.elementsEqual(name.utf8) }?.token
    }
}
