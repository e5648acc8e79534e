import EADCore

/// A tokenizer as a file describes it.
struct TokenizerParts: Sendable {
    var vocabulary = Vocabulary()
    var added: [AddedToken] = [] {
        didSet { self.marks = Set(self.added.lazy.filter(\.isSpecial).map(\.token)) }
    }
    private var marks: Set<TokenID> = []
    var rule = WordRule.smollm
    var normalization = Normalization.none
    /// What stands before a text that is no chat.
    var beginning: [TokenID] = []
    /// The tokens that end a text or a turn, at least one, none twice.
    var ends: [TokenID] = []

    /// Finds the tokens that words begin as: those of bytes, and where spaces are marked those of characters.
    mutating func readSymbols(_ identifiers: [TokenText: TokenID], _ pairs: inout BytePairs) {
        guard self.normalization.marksSpaces != nil else {
            for byte in UInt8.min...UInt8.max {
                let name = TokenText(String(ByteAlphabet.character(of: byte)))
                pairs.byteTokens[Int(byte)] = identifiers[name] ?? BytePairs.none
            }
            return
        }
        var characters = CharacterTokens()
        for (name, token) in identifiers {
            let scalars = name.text.unicodeScalars
            if let byte = CharacterTokens.byte(of: name.text) {
                pairs.byteTokens[Int(byte)] = token
            } else if let scalar = scalars.first, scalars.count == 1 {
                characters[scalar] = token
            }
        }
        self.vocabulary.characters = characters
        if self.rule == .whole { self.rule = .whole(tokens: identifiers.keys) }
    }

    /// Whether text may become the token by merges: what is a mark of structure is found by its name or not at all.
    func mayBeText(_ token: TokenID) -> Bool { !self.marks.contains(token) }

    /// Adds a token that ends a text, unless it is there.
    mutating func addEnd(_ token: TokenID?) {
        guard let token, !self.ends.contains(token) else { return }
        self.ends.append(token)
    }
}
