import EADCore

/// A tokenizer as a file describes it.
struct TokenizerParts: Sendable {
    var vocabulary = Vocabulary()
    var added: [AddedToken] = []
    var rule = WordRule.smollm
    var normalization = Normalization.none
    /// What stands before a text that is no chat.
    var beginning: [TokenID] = []
    /// The tokens that end a text or a turn, at least one, none twice.
    var ends: [TokenID] = []

    /// Adds a token that ends a text, unless it is there.
    mutating func addEnd(_ token: TokenID?) {
        guard let token, !self.ends.contains(token) else { return }
        self.ends.append(token)
    }
}
