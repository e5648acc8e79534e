import EADCore

/// A token that is found in text by its name, before words are cut.
struct AddedToken: Hashable, Sendable {
    let name: [UInt8]
    let token: TokenID
    /// Whether it is a mark of structure: in text from outside its name is text, and decoding can leave it out.
    let isSpecial: Bool
    /// Whether the white space before it is part of it (`lstrip`).
    let takesSpaceBefore: Bool
    /// Whether the white space behind it is part of it (`rstrip`).
    let takesSpaceBehind: Bool
    /// Whether it is found only between characters that make no words (`single_word`).
    let isWord: Bool
    /// Whether it is looked for in normalised text (`normalized`).
    let isNormalized: Bool

    init(
        name: [UInt8], token: TokenID, isSpecial: Bool, takesSpaceBefore: Bool = false, takesSpaceBehind: Bool = false,
        isWord: Bool = false, isNormalized: Bool = false
    ) {
        self.name = name
        self.token = token
        self.isSpecial = isSpecial
        self.takesSpaceBefore = takesSpaceBefore
        self.takesSpaceBehind = takesSpaceBehind
        self.isWord = isWord
        self.isNormalized = isNormalized
    }

    /// A number that says which properties it has.
    var properties: UInt8 {
        [self.isSpecial, self.takesSpaceBefore, self.takesSpaceBehind, self.isWord, self.isNormalized]
            .reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
    }
}
