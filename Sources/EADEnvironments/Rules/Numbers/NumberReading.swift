/// The last number that a text states, or the finding that what stands there is no number.
///
/// A number is read together with what it is glued to. If that is a longer expression (`2^10`, `3/4`, `10 - 7`, `12:30`,
/// `0x1F`, `1.2.3`, `7x`), the expression states no number: neither its tail nor an earlier number of the text is taken
/// instead. What a number may be glued to without another value is listed in `LeftContext` and `RightContext`; anything
/// else makes it no number, because a reward for a wrong answer is worse than none for a right one.
///
/// The work is linear in the text's length.
struct NumberReading {
    /// Nil when the text has no digit, or when its last digit belongs to something that is no number.
    let number: DecimalNumber?

    init(lastOf text: some StringProtocol) {
        let scalars = Markup.removed(from: Array(text.unicodeScalars))
        guard let last = scalars.lastIndex(where: \.isDigit) else {
            self.number = nil
            return
        }
        let atom = Self.atom(around: last, in: scalars)
        guard let value = NumberAtom(scalars[atom])?.value,
            let sign = LeftContext(scalars, before: atom.lowerBound, value: value).sign,
            RightContext(scalars, after: atom.upperBound).isHarmless
        else {
            self.number = nil
            return
        }
        self.number = sign == .minus ? value.negated : value
    }

    /// What is written without a gap around a digit: digits, letters, and the points and commas among them.
    private static func atom(around digit: Int, in scalars: [Unicode.Scalar]) -> Range<Int> {
        func at(_ index: Int) -> Unicode.Scalar? { scalars.indices.contains(index) ? scalars[index] : nil }
        var start = digit
        while let scalar = at(start - 1) {
            let joins =
                switch scalar {
                case ".": true
                case ",": at(start - 2)?.isDigit ?? false
                case "+", "-":
                    // The sign of an exponent.
                    (at(start - 2) == "e" || at(start - 2) == "E") && (at(start - 3)?.isDigit ?? false)
                default: scalar.isDigit || scalar.isWordLetter || scalar.properties.generalCategory == .nonspacingMark
                }
            guard joins else { break }
            start -= 1
        }
        var end = digit + 1
        while let scalar = at(end), scalar.isDigit || scalar.isWordLetter { end += 1 }
        return start..<end
    }
}

/// A number as it is written in one piece: digits with thousands commas, a fraction, an exponent, a unit.
struct NumberAtom {
    let value: DecimalNumber

    init?(_ scalars: ArraySlice<Unicode.Scalar>) {
        let text = String(String.UnicodeScalarView(scalars))
        let bytes = Array(text.utf8)
        var position = 0
        guard let number = DecimalNumber.read(bytes, at: &position, sign: false) else { return nil }
        if position < bytes.count, bytes[position] == UInt8(ascii: "e") || bytes[position] == UInt8(ascii: "E") {
            guard let exponent = Self.exponent(bytes[(position + 1)...]) else {
                return nil
            }
            self.value = number.scaled(by: exponent)
            return
        }
        let rest = String(decoding: bytes[position...], as: UTF8.self)
        guard rest.isEmpty || Unit.glued.contains(rest) else { return nil }
        self.value = number
    }

    /// A power of ten of at most three digits, which ends the text.
    private static func exponent(_ bytes: ArraySlice<UInt8>) -> Int? {
        let digits = bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+") ? bytes.dropFirst() : bytes
        guard (1...3).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(String(decoding: bytes, as: UTF8.self))
    }
}

extension Unicode.Scalar {
    var isDigit: Bool { ("0"..."9").contains(self) }

    /// A letter of a script that separates words by spaces and has capitals; others stand next to numbers freely.
    var isWordLetter: Bool { self.properties.isAlphabetic && (self.properties.isCased || self.isASCII) }

    var isBlank: Bool { self == " " || self == "\t" || (self.properties.generalCategory == .spaceSeparator) }

    var isLineEnd: Bool { (10...13).contains(self.value) || self == "\u{2028}" || self == "\u{2029}" }

    var isCurrency: Bool { self.properties.generalCategory == .currencySymbol }

    /// A minus, a hyphen, or a dash that is typed for a minus.
    var isMinus: Bool { "-\u{2010}\u{2011}\u{2012}\u{2013}\u{2212}\u{FE63}\u{FF0D}".unicodeScalars.contains(self) }

    /// Ends something that may be calculated with: a digit, a letter, a closing bracket, a raised figure.
    var isOperandEnd: Bool { self.isDigit || self.isWordLetter || self.isClosing || self.properties.numericType != nil }

    /// Begins something that may be calculated with.
    var isOperandStart: Bool {
        self.isDigit || self.isWordLetter || self == "(" || self == "[" || self == "\\"
            || self.properties.numericType != nil
    }

    var isClosing: Bool { self == ")" || self == "]" || self == "}" }
}
