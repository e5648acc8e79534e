import EADCore

/// The vocabulary and merges of a GGUF file, with the byte-level alphabet undone.
struct TokenizerVocabulary {
    private(set) var bytes: [UInt8] = []
    /// `[tokens + 1]`: where each token starts in `bytes`.
    private(set) var starts: [Int] = [0]
    private(set) var control: [(name: [UInt8], token: TokenID)] = []
    private(set) var pairs = BytePairs(capacity: 0)

    /// Token types of GGUF.
    private enum TokenType: Int32 {
        case normal = 1
        case unknown, control, userDefined, unused, byte
    }

    init(_ metadata: GGUFMetadata) throws(ModelFileError) {
        try Self.rejectVariants(metadata)
        let types = try metadata.integers("tokenizer.ggml.token_type")
        let identifiers = try self.readTokens(metadata, types)
        try self.readMerges(metadata, identifiers)
    }

    private static func rejectVariants(_ metadata: GGUFMetadata) throws(ModelFileError) {
        for (key, expected) in [("tokenizer.ggml.model", "gpt2"), ("tokenizer.ggml.pre", "smollm")] {
            let value = try metadata.requiredText(key)
            guard value == expected else {
                throw metadata.fault(
                    .unsupported, "\(key) is \(value), only \(expected) is implemented",
                    advice: "use a model with SmolLM2's tokenizer")
            }
        }
        for key in ["tokenizer.ggml.add_bos_token", "tokenizer.ggml.add_space_prefix"] {
            guard try metadata.flag(key) != true else {
                throw metadata.fault(
                    .unsupported, "\(key) is true, which is not implemented",
                    advice: "use a model with SmolLM2's tokenizer")
            }
        }
    }

    /// Returns the id of each token by its text in the file.
    private mutating func readTokens(
        _ metadata: GGUFMetadata, _ types: [Int32]
    ) throws(ModelFileError) -> [String: TokenID] {
        guard types.count == (try metadata.arrayCount("tokenizer.ggml.tokens")) else {
            throw metadata.fault(.badMetadata, "tokenizer.ggml.token_type and tokenizer.ggml.tokens differ in length")
        }
        var identifiers: [String: TokenID] = [:]
        identifiers.reserveCapacity(types.count)
        try metadata.forEachString("tokenizer.ggml.tokens") { (index, text) throws(ModelFileError) in
            let name = "token \(index) of tokenizer.ggml.tokens"
            guard let token = String(validating: text, as: UTF8.self), !token.isEmpty else {
                throw metadata.fault(.malformed, "\(name) is empty or not valid UTF-8")
            }
            guard identifiers.updateValue(TokenID(index), forKey: token) == nil else {
                throw metadata.fault(.malformed, "\(name) occurs twice")
            }
            switch TokenType(rawValue: types[index]) {
            case .normal:
                for scalar in token.unicodeScalars {
                    guard let byte = ByteAlphabet.byte(of: scalar) else {
                        throw metadata.fault(.malformed, "\(name) has a character outside the byte-level alphabet")
                    }
                    self.bytes.append(byte)
                }
            case .control, .userDefined:
                self.bytes += text
                self.control.append((Array(text), TokenID(index)))
            case .unknown, .unused:
                self.bytes += text
            case .byte, nil:
                throw metadata.fault(.unsupported, "\(name) is of type \(types[index])")
            }
            self.starts.append(self.bytes.count)
        }
        return identifiers
    }

    private mutating func readMerges(
        _ metadata: GGUFMetadata, _ identifiers: [String: TokenID]
    ) throws(ModelFileError) {
        var pairs = BytePairs(capacity: try metadata.arrayCount("tokenizer.ggml.merges") ?? 0)
        for byte in UInt8.min...UInt8.max {
            pairs.byteTokens[Int(byte)] = identifiers[String(ByteAlphabet.character(of: byte))] ?? BytePairs.none
        }
        try metadata.forEachString("tokenizer.ggml.merges") { (rank, text) throws(ModelFileError) in
            // No token contains a space: the alphabet writes it as another character.
            guard let space = text.firstIndex(of: UInt8(ascii: " ")),
                let left = String(validating: text[..<space], as: UTF8.self).flatMap({ identifiers[$0] }),
                let right = String(validating: text[(space + 1)...], as: UTF8.self).flatMap({ identifiers[$0] }),
                let merged = String(validating: text.filter { $0 != UInt8(ascii: " ") }, as: UTF8.self)
                    .flatMap({ identifiers[$0] })
            else {
                throw metadata.fault(
                    .malformed, "merge \(rank) of tokenizer.ggml.merges does not join two tokens into a third")
            }
            pairs.insert(left, right, rank: UInt32(rank), merged: merged)
        }
        self.pairs = pairs
    }
}
