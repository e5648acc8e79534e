import EADCore

extension TokenizerParts {
    init(_ metadata: GGUFMetadata) throws(ModelFileError) {
        let scheme = try Self.scheme(metadata)
        self.rule = scheme.rule
        self.normalization = scheme.normalization
        let identifiers = try self.readTokens(metadata, types: metadata.integers("tokenizer.ggml.token_type"))
        if scheme.mergesFollowScores {
            try self.deriveMerges(metadata, identifiers)
        } else {
            try self.readMerges(metadata, identifiers)
        }
        if scheme.ignoresMerges {
            self.vocabulary.wholeWords = WholeWords(
                identifiers.values.filter(self.mayBeText).sorted(), bytes: self.vocabulary.bytes,
                starts: self.vocabulary.starts)
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
        let addsSpace = "tokenizer.ggml.add_space_prefix"
        switch model {
        case "gpt2": break
        case "llama": return .sentencePiece(marksBeginning: try metadata.flag(addsSpace) ?? true)
        case "gemma4": return .gemma
        default: throw refuse("tokenizer.ggml.model", model, "gpt2, llama or gemma4")
        }
        let name = try metadata.requiredText("tokenizer.ggml.pre")
        guard let scheme = TokenizerScheme.named(name) else {
            let known = TokenizerScheme.all.flatMap(\.names).joined(separator: ", ")
            throw refuse("tokenizer.ggml.pre", name, "one of \(known)")
        }
        for key in [addsSpace, "tokenizer.ggml.add_eos_token"] {
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
                if self.normalization.marksSpaces != nil {
                    self.vocabulary.append(CharacterTokens.bytes(of: token))
                } else if let bytes = ByteAlphabet.bytes(of: token) {
                    self.vocabulary.append(bytes)
                } else {
                    throw metadata.fault(.malformed, "\(name) has a character outside the byte-level alphabet")
                }
            case .byte where self.normalization.marksSpaces != nil && CharacterTokens.byte(of: token) != nil:
                self.vocabulary.append(CharacterTokens.bytes(of: token))
            case .control, .userDefined, .unknown:
                self.vocabulary.append(text)
                self.added.append(
                    AddedToken(
                        name: Array(text), token: TokenID(index),
                        isSpecial: types[index] != GGUFTokenType.userDefined.rawValue))
            case .unused:
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
        try self.readSymbols(identifiers, &pairs, metadata)
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
            if self.mayBeText(merged) { pairs.insert(left, right, rank: UInt32(rank), merged: merged) }
        }
        self.vocabulary.pairs = pairs
    }

    private mutating func readSymbols(
        _ identifiers: [TokenText: TokenID], _ pairs: inout BytePairs, _ metadata: GGUFMetadata
    ) throws(ModelFileError) {
        self.readSymbols(identifiers, &pairs)
        guard self.vocabulary.characters == nil || !pairs.byteTokens.contains(BytePairs.none) else {
            throw metadata.fault(
                .unsupported, "tokenizer.ggml.tokens has not a token for every byte, which is not implemented")
        }
    }

    /// The merges of a vocabulary in which the score of a token says how early it is made, of whichever two parts.
    ///
    /// In the order in which transformers converts such a vocabulary.
    private mutating func deriveMerges(
        _ metadata: GGUFMetadata, _ identifiers: [TokenText: TokenID]
    ) throws(ModelFileError) {
        struct Merge {
            let left: TokenID
            let right: TokenID
            let merged: TokenID
            let score: Float
            /// In characters.
            let lengths: (Int, Int)
        }
        let scores = try metadata.floats("tokenizer.ggml.scores")
        guard scores.count == self.vocabulary.count else {
            throw metadata.fault(.badMetadata, "tokenizer.ggml.scores and tokenizer.ggml.tokens differ in length")
        }
        var merges: [Merge] = []
        let types = try metadata.integers("tokenizer.ggml.token_type")
        func isPiece(_ token: TokenID) -> Bool { types[Int(token)] == GGUFTokenType.normal.rawValue }
        for (name, merged) in identifiers.sorted(by: { $0.value < $1.value }) where isPiece(merged) {
            let scalars = name.text.unicodeScalars
            var local: [Merge] = []
            for (length, place) in scalars.indices.enumerated().dropFirst() {
                guard let left = identifiers[TokenText(String(scalars[..<place]))],
                    let right = identifiers[TokenText(String(scalars[place...]))], isPiece(left), isPiece(right)
                else { continue }
                local.append(
                    Merge(
                        left: left, right: right, merged: merged, score: scores[Int(merged)],
                        lengths: (length, scalars.count - length)))
            }
            merges += local.sorted { ($0.left, $0.right) < ($1.left, $1.right) }
        }
        // Sorting keeps the order of equals.
        merges.sort { ($0.score, $0.lengths.0, $0.lengths.1) > ($1.score, $1.lengths.0, $1.lengths.1) }
        var pairs = BytePairs(capacity: merges.count)
        try self.readSymbols(identifiers, &pairs, metadata)
        for (rank, merge) in merges.enumerated() {
            pairs.insert(merge.left, merge.right, rank: UInt32(rank), merged: merge.merged)
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
