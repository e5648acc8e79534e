/// Cuts UTF-8 text into the words within which bytes may merge.
///
/// Every single number character (category N) is a word of its own. What lies between them is cut as GPT-2 does: an
/// English contraction (`'s 't 're 've 'm 'll 'd`), else a run of letters or a run of other non-space characters, each
/// with one space before it if there is one, else white space, of which the last character is left to what follows.
struct WordScanner {
    private enum Kind {
        case space, letter, number, other
    }

    private let utf8: UnsafeBufferPointer<UInt8>
    private var position: Int
    private let end: Int

    /// `utf8` is valid UTF-8, and `range` begins and ends between characters.
    init(_ utf8: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        self.utf8 = utf8
        self.position = range.lowerBound
        self.end = range.upperBound
    }

    /// The next word, nil at the end.
    mutating func next() -> Range<Int>? {
        guard self.position < self.end else { return nil }
        let start = self.position
        self.position = self.endOfWord(from: start)
        return start..<self.position
    }

    private func endOfWord(from start: Int) -> Int {
        var (kind, next) = self.character(at: start)
        switch self.utf8[start] {
        case UInt8(ascii: "'"):
            if let end = self.endOfContraction(from: start + 1) { return end }
        case UInt8(ascii: " "):
            guard next < self.end else { return next }
            let (following, afterwards) = self.character(at: next)
            if following == .letter || following == .other { (kind, next) = (following, afterwards) }
        default: break
        }
        switch kind {
        case .number: return next
        case .letter, .other: return self.endOfRun(of: kind, from: next)
        case .space: return self.endOfSpace(from: start)
        }
    }

    private func endOfRun(of kind: Kind, from start: Int) -> Int {
        var position = start
        while position < self.end {
            let (following, next) = self.character(at: position)
            guard following == kind else { break }
            position = next
        }
        return position
    }

    private func endOfSpace(from start: Int) -> Int {
        var last = start
        var position = start
        while position < self.end {
            let (following, next) = self.character(at: position)
            guard following == .space else {
                // Numbers were set apart before the text between them was cut, so they leave no space behind.
                return following == .number || last == start ? position : last
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

    /// The kind of the character at `position`, and where the next one begins.
    @inline(__always)
    private func character(at position: Int) -> (Kind, Int) {
        let first = self.utf8[position]
        guard first >= 0x80 else { return (Self.asciiKind(first), position + 1) }
        return self.wideCharacter(at: position, first)
    }

    private func wideCharacter(at position: Int, _ first: UInt8) -> (Kind, Int) {
        let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        var value = UInt32(first) & (0x7F >> UInt32(length))
        for offset in 1..<length { value = value << 6 | UInt32(self.utf8[position + offset] & 0x3F) }
        guard let scalar = Unicode.Scalar(value) else { preconditionFailure("the text of a String is valid UTF-8") }
        return (Self.kind(of: scalar), position + length)
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

    private static func kind(of scalar: Unicode.Scalar) -> Kind {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: .letter
        case .decimalNumber, .letterNumber, .otherNumber: .number
        default: scalar.properties.isWhitespace ? .space : .other
        }
    }
}
