import EADCore

/// The tokens that are found in text by name: of those that fit, the leftmost, and of several at one place the longest.
struct AddedTokens: Sendable {
    private let all: [AddedToken]
    private let special: Set<TokenID>
    /// Those that are looked for in the text as it is.
    private let plain: NameTrie
    /// Those that are looked for in normalised text.
    private let normalized: NameTrie

    /// A part of a text, between characters.
    enum Piece {
        case text(Range<Int>)
        case token(TokenID)
    }

    init(_ tokens: [AddedToken], normalization: Normalization) {
        self.all = tokens
        self.special = Set(tokens.lazy.filter(\.isSpecial).map(\.token))
        var (plain, normalized) = (NameTrie(), NameTrie())
        for (number, token) in tokens.enumerated() {
            if token.isNormalized {
                normalized.insert(normalization.normalized(token.name), number: number)
            } else {
                plain.insert(token.name, number: number)
            }
        }
        self.plain = plain
        self.normalized = normalized
    }

    func forEachDefiningPart(_ body: (UnsafeRawBufferPointer) -> Void) {
        for token in self.all.sorted(by: { $0.token < $1.token }) {
            withUnsafeBytes(of: (token.token, UInt32(token.name.count)), body)
            withUnsafeBytes(of: token.properties, body)
            token.name.withUnsafeBytes(body)
        }
    }

    func isSpecial(_ token: TokenID) -> Bool { self.special.contains(token) }

    func special(named name: String) -> TokenID? {
        self.all.first { $0.isSpecial && $0.name.elementsEqual(name.utf8) }?.token
    }

    /// The names of the special tokens, by token.
    var specialNames: [String] {
        self.all.filter(\.isSpecial).sorted { $0.token < $1.token }.map { String(decoding: $0.name, as: UTF8.self) }
    }

    /// Whether text must be searched once more when it is in normal form.
    var hasNormalized: Bool { !self.normalized.isEmpty }

    /// Cuts a text into tokens and the text between them.
    ///
    /// - Parameters:
    ///   - marks: where the name of a special token stands for it; other tokens are found anywhere.
    ///   - isNormalized: whether the text is in normal form, and the names that are looked for in such.
    func forEachPiece(
        in utf8: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, marks: [Range<Int>], isNormalized: Bool,
        _ body: (Piece) -> Void
    ) {
        let names = isNormalized ? self.normalized : self.plain
        // The first mark that does not end before the place looked at.
        var mark = 0
        var textStart = range.lowerBound
        var position = names.isEmpty ? range.upperBound : range.lowerBound
        while position < range.upperBound {
            while mark < marks.count, marks[mark].upperBound <= position { mark += 1 }
            let found = names.longest(in: utf8, from: position, to: range.upperBound) { number, place in
                guard self.all[number].isSpecial else { return true }
                return mark < marks.count && marks[mark].lowerBound <= place.lowerBound
                    && place.upperBound <= marks[mark].upperBound
            }
            guard let found else {
                position += 1
                continue
            }
            position = found.range.upperBound
            let token = self.all[found.number]
            guard !token.isWord || Self.isAlone(found.range, in: utf8, range) else { continue }
            let start =
                token.takesSpaceBefore
                ? Self.startOfSpace(utf8, textStart, found.range.lowerBound)
                : found.range.lowerBound
            let end =
                token.takesSpaceBehind
                ? Self.endOfSpace(utf8, found.range.upperBound, range.upperBound)
                : found.range.upperBound
            if textStart < start { body(.text(textStart..<start)) }
            body(.token(token.token))
            textStart = end
        }
        if textStart < range.upperBound { body(.text(textStart..<range.upperBound)) }
    }

    // MARK: Neighbours

    private static func isAlone(
        _ place: Range<Int>, in utf8: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
    ) -> Bool {
        if place.lowerBound > range.lowerBound {
            let before = Self.startOfCharacter(utf8, before: place.lowerBound)
            if Self.makesWords(utf8.scalar(at: before).0) { return false }
        }
        return place.upperBound == range.upperBound || !Self.makesWords(utf8.scalar(at: place.upperBound).0)
    }

    /// What `\w` is to Rust: letters, marks, digits, connectors and joiners.
    private static func makesWords(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: true
        default: scalar.properties.isAlphabetic || scalar.properties.isJoinControl
        }
    }

    private static func startOfCharacter(_ utf8: UnsafeBufferPointer<UInt8>, before end: Int) -> Int {
        var start = end - 1
        while utf8[start] & 0xC0 == 0x80 { start -= 1 }
        return start
    }

    private static func startOfSpace(_ utf8: UnsafeBufferPointer<UInt8>, _ lowest: Int, _ end: Int) -> Int {
        var start = end
        while start > lowest {
            let before = Self.startOfCharacter(utf8, before: start)
            guard utf8.scalar(at: before).0.properties.isWhitespace else { break }
            start = before
        }
        return start
    }

    private static func endOfSpace(_ utf8: UnsafeBufferPointer<UInt8>, _ start: Int, _ highest: Int) -> Int {
        var end = start
        while end < highest {
            let (scalar, next) = utf8.scalar(at: end)
            guard scalar.properties.isWhitespace else { break }
            end = next
        }
        return end
    }
}
