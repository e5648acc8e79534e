/// Cuts UTF-8 text into the words of a rule, in time proportional to its length.
struct WordScanner {
    private enum Kind {
        case space, letter, number, other
    }

    private let utf8: UnsafeBufferPointer<UInt8>
    private let rule: WordRule
    private var position: Int
    private let end: Int

    /// `utf8` is valid UTF-8, and `range` begins and ends between characters.
    init(_ utf8: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ rule: WordRule) {
        self.utf8 = utf8
        self.rule = rule
        self.position = range.lowerBound
        self.end = range.upperBound
    }

    /// The next word, nil at the end.
    mutating func next() -> Range<Int>? {
        guard self.position < self.end else { return nil }
        let start = self.position
        switch self.rule.style {
        case .gpt2: self.position = self.endOfGPT2Word(from: start)
        case .llama3: self.position = self.endOfLlama3Word(from: start)
        }
        return start..<self.position
    }

    // MARK: GPT-2

    private func endOfGPT2Word(from start: Int) -> Int {
        var (kind, next) = self.character(at: start)
        switch self.utf8[start] {
        case UInt8(ascii: "'"):
            if let end = self.endOfContraction(from: start + 1) { return end }
        case UInt8(ascii: " "):
            guard next < self.end else { return next }
            let (following, afterwards) = self.character(at: next)
            if following == .letter || following == .other || following == .number && self.rule.numbers == .run {
                (kind, next) = (following, afterwards)
            }
        default: break
        }
        switch kind {
        case .number: return self.rule.numbers == .run ? self.endOfRun(of: kind, from: next) : next
        case .letter, .other: return self.endOfRun(of: kind, from: next)
        case .space: return self.endOfGPT2Space(from: start)
        }
    }

    private func endOfGPT2Space(from start: Int) -> Int {
        var last = start
        var position = start
        while position < self.end {
            let (following, next) = self.character(at: position)
            guard following == .space else {
                // Numbers that were set apart before the text between them was cut leave no space behind.
                let isApart = following == .number && self.rule.numbers == .apart
                return isApart || last == start ? position : last
            }
            last = position
            position = next
        }
        return position
    }

    private func endOfContraction(from start: Int) -> Int? {
        guard start < self.end else { return nil }
        let first = self.utf8[start]
        switch first {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 1
        case UInt8(ascii: "r"), UInt8(ascii: "v"), UInt8(ascii: "l"):
            let second = first == UInt8(ascii: "l") ? first : UInt8(ascii: "e")
            return start + 1 < self.end && self.utf8[start + 1] == second ? start + 2 : nil
        default: return nil
        }
    }

    // MARK: Llama 3

    private func endOfLlama3Word(from start: Int) -> Int {
        let first = self.utf8[start]
        if first == UInt8(ascii: "'"), let end = self.endOfCaselessContraction(from: start + 1) { return end }
        let (kind, next) = self.character(at: start)
        if kind == .letter { return self.endOfRun(of: .letter, from: next) }
        if kind == .number { return self.endOfNumber(from: next) }
        if next < self.end {
            let (following, afterwards) = self.character(at: next)
            if following == .letter, !Self.endsLine(first) { return self.endOfRun(of: .letter, from: afterwards) }
            if following == .other, first == UInt8(ascii: " ") { return self.endOfOthers(from: afterwards) }
        }
        return kind == .other ? self.endOfOthers(from: next) : self.endOfLlama3Space(from: start)
    }

    private func endOfNumber(from second: Int) -> Int {
        guard case .atMost(let longest) = self.rule.numbers else { return second }
        var position = second
        for _ in 1..<longest where position < self.end {
            let (following, next) = self.character(at: position)
            guard following == .number else { break }
            position = next
        }
        return position
    }

    private func endOfOthers(from start: Int) -> Int {
        var position = self.endOfRun(of: .other, from: start)
        while position < self.end, Self.endsLine(self.utf8[position]) { position += 1 }
        return position
    }

    /// White space up to its last line end if it has one, else all of it but the last character, which is left to what
    /// follows.
    private func endOfLlama3Space(from start: Int) -> Int {
        var last = start
        var position = start
        var afterLine = start
        while position < self.end {
            let (following, next) = self.character(at: position)
            guard following == .space else { break }
            if Self.endsLine(self.utf8[position]) { afterLine = next }
            last = position
            position = next
        }
        if afterLine > start { return afterLine }
        return position == self.end || last == start ? position : last
    }

    private static func endsLine(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

    private func endOfCaselessContraction(from start: Int) -> Int? {
        guard start < self.end else { return nil }
        // The long s (U+017F) is an s in any case; no other character beyond ASCII is one of these letters.
        if self.utf8[start] == 0xC5, start + 1 < self.end, self.utf8[start + 1] == 0xBF { return start + 2 }
        let first = self.utf8[start] | 0x20
        switch first {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
            return Self.isLetter(self.utf8[start]) ? start + 1 : nil
        case UInt8(ascii: "r"), UInt8(ascii: "v"), UInt8(ascii: "l"):
            guard start + 1 < self.end, Self.isLetter(self.utf8[start]), Self.isLetter(self.utf8[start + 1]) else {
                return nil
            }
            let second = first == UInt8(ascii: "l") ? first : UInt8(ascii: "e")
            return self.utf8[start + 1] | 0x20 == second ? start + 2 : nil
        default: return nil
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { Self.asciiKind(byte) == .letter }

    // MARK: Characters

    private func endOfRun(of kind: Kind, from start: Int) -> Int {
        var position = start
        while position < self.end {
            let (following, next) = self.character(at: position)
            guard following == kind else { break }
            position = next
        }
        return position
    }

    /// The kind of the character at `position`, and where the next one begins.
    @inline(__always)
    private func character(at position: Int) -> (Kind, Int) {
        let first = self.utf8[position]
        guard first >= 0x80 else { return (Self.asciiKind(first), position + 1) }
        return self.wideCharacter(at: position)
    }

    private func wideCharacter(at position: Int) -> (Kind, Int) {
        let (scalar, next) = self.utf8.scalar(at: position)
        return (self.kind(of: scalar), next)
    }

    @inline(__always)
    private static func asciiKind(_ byte: UInt8) -> Kind {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): .letter
        case UInt8(ascii: "0")...UInt8(ascii: "9"): .number
        case 0x09...0x0D, 0x20: .space
        default: .other
        }
    }

    private func kind(of scalar: Unicode.Scalar) -> Kind {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: .letter
        case .decimalNumber, .letterNumber, .otherNumber: .number
        case .nonspacingMark, .spacingMark, .enclosingMark: self.rule.marksAreLetters ? .letter : .other
        default: scalar.properties.isWhitespace ? .space : .other
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The character that begins at `position` in valid UTF-8, and where the next one begins.
    func scalar(at position: Int) -> (Unicode.Scalar, next: Int) {
        let first = self[position]
        guard first >= 0x80 else { return (Unicode.Scalar(first), position + 1) }
        let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        var value = UInt32(first) & (0x7F >> UInt32(length))
        for offset in 1..<length { value = value << 6 | UInt32(self[position + offset] & 0x3F) }
        guard let scalar = Unicode.Scalar(value) else { preconditionFailure("the text of a String is valid UTF-8") }
        return (scalar, position + length)
    }
}
