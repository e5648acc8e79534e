/// Cuts UTF-8 text into the words of a rule, in time proportional to its length.
struct WordScanner {
    private let utf8: UnsafeBufferPointer<UInt8>
    private let rule: WordRule
    private let classes = CharacterClass.Lookup()
    /// The letters of the rule.
    private let letters: CharacterClasses
    /// What is no white space, letter or number to the rule.
    private let others: CharacterClasses
    private var position: Int
    /// Where the part ends that words are cut from: the text, unless the rule sets something apart first.
    private var end: Int
    private let endOfText: Int

    private static let spaces = CharacterClasses(.space)
    private static let numbers = CharacterClasses(.number)
    private static let upperLetters = CharacterClasses(.upper, .letter, .mark)
    private static let lowerLetters = CharacterClasses(.lower, .letter, .mark)
    private static let anyLetters = CharacterClasses(.upper, .lower, .letter)
    private static let signs = CharacterClasses(.punctuation, .symbol)

    /// `utf8` is valid UTF-8, and `range` begins and ends between characters.
    init(_ utf8: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ rule: WordRule) {
        self.utf8 = utf8
        self.rule = rule
        self.letters = rule.marksAreLetters ? CharacterClasses(.upper, .lower, .letter, .mark) : Self.anyLetters
        self.others =
            rule.marksAreLetters
            ? CharacterClasses(.punctuation, .symbol, .other) : CharacterClasses(.mark, .punctuation, .symbol, .other)
        self.position = range.lowerBound
        self.endOfText = range.upperBound
        self.end = rule.style == .deepSeek ? range.lowerBound : range.upperBound
    }

    /// The next word, nil at the end.
    mutating func next() -> Range<Int>? {
        guard self.position < self.endOfText else { return nil }
        let start = self.position
        switch self.rule.style {
        case .gpt2: self.position = self.endOfGPT2Word(from: start)
        case .llama3: self.position = self.endOfLlama3Word(from: start)
        case .cased: self.position = self.endOfCasedWord(from: start)
        case .deepSeek: self.position = self.endOfDeepSeekWord(from: start)
        case .whole(let kept): self.position = self.endOfWholeWord(from: start, keepingAfter: kept)
        case .marked: self.position = self.endOfMarkedWord(from: start)
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
            if !self.isSpace(following), !self.isNumber(following) || self.rule.numbers == .run {
                (kind, next) = (following, afterwards)
            }
        default: break
        }
        if self.isNumber(kind) { return self.rule.numbers == .run ? self.endOfRun(of: Self.numbers, from: next) : next }
        if self.isSpace(kind) { return self.endOfGPT2Space(from: start) }
        return self.endOfRun(of: self.isLetter(kind) ? self.letters : self.others, from: next)
    }

    private func endOfGPT2Space(from start: Int) -> Int {
        var last = start
        var position = start
        while position < self.end {
            let (following, next) = self.character(at: position)
            guard self.isSpace(following) else {
                // Numbers that were set apart before the text between them was cut leave no space behind.
                let isApart = self.isNumber(following) && self.rule.numbers == .apart
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
        if self.isLetter(kind) { return self.endOfRun(of: self.letters, from: next) }
        if self.isNumber(kind) { return self.endOfNumber(from: next) }
        if next < self.end {
            let (following, afterwards) = self.character(at: next)
            if self.isLetter(following), !Self.endsLine(first) {
                return self.endOfRun(of: self.letters, from: afterwards)
            }
            if self.others.contains(rawClass: following), first == UInt8(ascii: " ") {
                return self.endOfOthers(from: afterwards)
            }
        }
        return self.isSpace(kind) ? self.endOfLlama3Space(from: start) : self.endOfOthers(from: next)
    }

    private func endOfNumber(from second: Int) -> Int {
        guard case .atMost(let longest) = self.rule.numbers else { return second }
        var position = second
        for _ in 1..<longest where position < self.endOfText {
            let (following, next) = self.character(at: position)
            guard self.isNumber(following) else { break }
            position = next
        }
        return position
    }

    private func endOfOthers(from start: Int) -> Int {
        self.endOfLines(from: self.endOfRun(of: self.others, from: start))
    }

    private func endOfLines(from start: Int) -> Int {
        var position = start
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
            guard self.isSpace(following) else { break }
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
            return Self.isASCIILetter(self.utf8[start]) ? start + 1 : nil
        case UInt8(ascii: "r"), UInt8(ascii: "v"), UInt8(ascii: "l"):
            guard start + 1 < self.end, Self.isASCIILetter(self.utf8[start]), Self.isASCIILetter(self.utf8[start + 1])
            else { return nil }
            let second = first == UInt8(ascii: "l") ? first : UInt8(ascii: "e")
            return self.utf8[start + 1] | 0x20 == second ? start + 2 : nil
        default: return nil
        }
    }

    // MARK: Cased

    private func endOfCasedWord(from start: Int) -> Int {
        let first = self.utf8[start]
        let (kind, next) = self.character(at: start)
        if self.isNumber(kind) { return self.endOfNumber(from: next) }
        // Marks are letters of any case and may also stand before letters.
        let mayStandBefore = !self.isLetter(kind) && !Self.endsLine(first)
        let end =
            (mayStandBefore ? self.endOfLowerWord(from: next) : nil) ?? self.endOfLowerWord(from: start)
            ?? (mayStandBefore ? self.endOfUpperWord(from: next) : nil) ?? self.endOfUpperWord(from: start)
        if let end { return self.endOfContractionBehind(end) }
        let begin = first == UInt8(ascii: " ") ? next : start
        let run = self.endOfRun(of: self.others, from: begin)
        guard run > begin else { return self.endOfLlama3Space(from: start) }
        var position = run
        while position < self.end, Self.endsLine(self.utf8[position]) || self.utf8[position] == UInt8(ascii: "/") {
            position += 1
        }
        return position
    }

    /// Letters that may be capitals and then at least one that may be small; nil without such.
    private func endOfLowerWord(from start: Int) -> Int? {
        var position = start
        var lastThatMayBeSmall: Int?
        while position < self.end {
            let (kind, next) = self.character(at: position)
            guard Self.upperLetters.contains(rawClass: kind) else {
                guard Self.lowerLetters.contains(rawClass: kind) else { break }
                return self.endOfRun(of: Self.lowerLetters, from: next)
            }
            if Self.lowerLetters.contains(rawClass: kind) { lastThatMayBeSmall = next }
            position = next
        }
        return lastThatMayBeSmall
    }

    /// Letters that may be capitals, with no small ones behind them.
    private func endOfUpperWord(from start: Int) -> Int? {
        let end = self.endOfRun(of: Self.upperLetters, from: start)
        return end > start ? end : nil
    }

    private func endOfContractionBehind(_ end: Int) -> Int {
        guard self.rule.style == .cased(contractions: true), end < self.end, self.utf8[end] == UInt8(ascii: "'") else {
            return end
        }
        return self.endOfCaselessContraction(from: end + 1) ?? end
    }

    // MARK: DeepSeek

    private mutating func endOfDeepSeekWord(from start: Int) -> Int {
        if start == self.end {
            let (kind, next) = self.character(at: start)
            var position = next
            if self.isNumber(kind) {
                position = self.endOfNumber(from: next)
            } else if self.isEastAsian(at: start) {
                while position < self.endOfText, self.isEastAsian(at: position) {
                    position = self.character(at: position).next
                }
            } else {
                while position < self.endOfText, !self.isEastAsian(at: position) {
                    let (kind, next) = self.character(at: position)
                    if self.isNumber(kind) { break }
                    position = next
                }
                self.end = position
                return self.endOfDeepSeekPart(from: start)
            }
            self.end = position
            return position
        }
        return self.endOfDeepSeekPart(from: start)
    }

    /// What the expression for text without numbers, Chinese and Japanese finds, or what it finds nothing in.
    private func endOfDeepSeekPart(from start: Int) -> Int {
        let first = self.utf8[start]
        let (kind, next) = self.character(at: start)
        if self.isLetter(kind) { return self.endOfRun(of: self.letters, from: next) }
        if next < self.end {
            if Self.signs.contains(rawClass: kind), first < 0x80, Self.isASCIILetter(self.utf8[next]) {
                var position = next + 1
                while position < self.end, Self.isASCIILetter(self.utf8[position]) { position += 1 }
                return position
            }
            let (following, afterwards) = self.character(at: next)
            if self.isLetter(following), !Self.endsLine(first), !Self.signs.contains(rawClass: kind) {
                return self.endOfRun(of: self.letters, from: afterwards)
            }
            if Self.signs.contains(rawClass: following), first == UInt8(ascii: " ") {
                return self.endOfLines(from: self.endOfRun(of: Self.signs, from: afterwards))
            }
        }
        if Self.signs.contains(rawClass: kind) {
            return self.endOfLines(from: self.endOfRun(of: Self.signs, from: next))
        }
        if self.isSpace(kind) { return self.endOfLlama3Space(from: start) }
        // Controls and the like, up to the one that stands before letters.
        var position = next
        while position < self.end {
            let (kind, next) = self.character(at: position)
            guard kind == CharacterClass.other.rawValue else { break }
            if next < self.end, self.isLetter(self.character(at: next).kind) { break }
            position = next
        }
        return position
    }

    /// Whether the character is in 一-龥, ぀-ゟ or ゠-ヿ.
    private func isEastAsian(at position: Int) -> Bool {
        guard (0xE3...0xE9).contains(self.utf8[position]) else { return false }
        switch self.utf8.scalar(at: position).0.value {
        case 0x4E00...0x9FA5, 0x3040...0x30FF: return true
        default: return false
        }
    }

    // MARK: Marked spaces

    private func endOfMarkedWord(from start: Int) -> Int {
        var position = self.utf8.scalar(at: start).next
        while position < self.end, !Self.marksSpace(self.utf8, at: position) { position += 1 }
        return position
    }

    private func endOfWholeWord(from start: Int, keepingAfter kept: [UInt8]) -> Int {
        var position = start + 1
        while position < self.end {
            if Self.beginsMarks(self.utf8, at: position), !kept.contains(self.utf8[position - 1]) { break }
            position += 1
        }
        return position
    }

    /// Whether a mark of a space is at a place above 0, with something else before it.
    static func beginsMarks(_ utf8: UnsafeBufferPointer<UInt8>, at position: Int) -> Bool {
        Self.marksSpace(utf8, at: position) && !(position >= 3 && Self.marksSpace(utf8, at: position - 3))
    }

    private static func marksSpace(_ utf8: UnsafeBufferPointer<UInt8>, at position: Int) -> Bool {
        utf8[position] == 0xE2 && utf8[position + 1] == 0x96 && utf8[position + 2] == 0x81
    }

    // MARK: Characters

    private static func isASCIILetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

    @inline(__always)
    private func isSpace(_ kind: UInt8) -> Bool { Self.spaces.contains(rawClass: kind) }

    @inline(__always)
    private func isNumber(_ kind: UInt8) -> Bool { Self.numbers.contains(rawClass: kind) }

    @inline(__always)
    private func isLetter(_ kind: UInt8) -> Bool { self.letters.contains(rawClass: kind) }

    private func endOfRun(of wanted: CharacterClasses, from start: Int) -> Int {
        var position = start
        while position < self.end {
            let (following, next) = self.character(at: position)
            guard wanted.contains(rawClass: following) else { break }
            position = next
        }
        return position
    }

    /// The class of the character at `position`, as its raw value, and where the next one begins.
    @inline(__always)
    private func character(at position: Int) -> (kind: UInt8, next: Int) {
        let first = self.utf8[position]
        guard first >= 0x80 else { return (self.classes.rawClass(ascii: first), position + 1) }
        let (scalar, next) = self.utf8.scalar(at: position)
        return (self.classes.rawClass(scalar), next)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The character that begins at `position` in valid UTF-8, and where the next one begins.
    @inline(__always)
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
