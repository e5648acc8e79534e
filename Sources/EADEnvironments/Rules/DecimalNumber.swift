/// A decimal number of any length, read from text and compared by value: 7, 7.0, +7 and 007 are equal, and so are
/// 1000 and 1,000.
///
/// Grammar, over ASCII: `[+-] digits [,ddd]... [.digits]` or `[+-] .digits`. Commas count only between groups of
/// exactly three digits after a first group of one to three; elsewhere they separate numbers. There is no exponent.
/// U+2212 is read as a minus.
struct DecimalNumber: Hashable, Sendable {
    /// Never set for zero.
    let isNegative: Bool
    /// The ASCII digits before the point without leading zeros; empty below 1.
    let integer: [UInt8]
    /// The ASCII digits after the point without trailing zeros.
    let fraction: [UInt8]

    /// Reads text that is one number and nothing else.
    init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        var position = 0
        guard let number = Self.read(bytes, at: &position), position == bytes.count else { return nil }
        self = number
    }

    init(isNegative: Bool, integer: [UInt8], fraction: [UInt8]) {
        self.integer = integer.drop { $0 == UInt8(ascii: "0") }.map { $0 }
        let significant = fraction.lastIndex { $0 != UInt8(ascii: "0") }
        self.fraction = significant.map { Array(fraction[...$0]) } ?? []
        self.isNegative = isNegative && !(self.integer.isEmpty && self.fraction.isEmpty)
    }

    /// Takes digits, commas and at most one point.
    private init(unsigned bytes: ArraySlice<UInt8>, isNegative: Bool) {
        let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? parts[1] : []
        self.init(
            isNegative: isNegative, integer: parts[0].filter { $0 != UInt8(ascii: ",") }, fraction: Array(fraction))
    }

    var negated: DecimalNumber {
        DecimalNumber(isNegative: !self.isNegative, integer: self.integer, fraction: self.fraction)
    }

    /// The number times ten to the power of `exponent`.
    func scaled(by exponent: Int) -> DecimalNumber {
        let zeros = Array(repeating: UInt8(ascii: "0"), count: abs(exponent))
        var integer = self.integer
        var fraction = self.fraction
        if exponent >= 0 {
            let digits = fraction + zeros
            integer += digits.prefix(exponent)
            fraction = Array(digits.dropFirst(exponent))
        } else {
            let digits = zeros + integer
            fraction = digits.suffix(-exponent) + fraction
            integer = Array(digits.dropLast(-exponent))
        }
        return DecimalNumber(isNegative: self.isNegative, integer: integer, fraction: fraction)
    }

    /// The last number in a text by the rule of GSM8K, or nil if it has none; linear in the text's length.
    ///
    /// It takes the tail of a longer expression for a number; `NumberReading` does not. A minus belongs to the number
    /// unless a letter, a digit or a closing bracket stands before it: `5-3` ends in 3, `x = -3` in -3.
    static func last(in text: some StringProtocol) -> DecimalNumber? {
        let bytes = Array(text.utf8)
        var found: Range<Int>?
        var position = 0
        while position < bytes.count {
            if let end = Self.unsignedEnd(bytes, from: position) {
                found = position..<end
                position = end
            } else {
                position += 1
            }
        }
        guard let found else { return nil }
        return DecimalNumber(
            unsigned: bytes[found], isNegative: Self.minusStarts(before: found.lowerBound, in: bytes))
    }

    /// Reads a number with its sign at `position` and moves past it; nil leaves the position alone.
    ///
    /// - Parameter sign: Whether it may have one.
    static func read(_ bytes: [UInt8], at position: inout Int, sign: Bool = true) -> DecimalNumber? {
        var start = position
        var isNegative = false
        if !sign {
            // The digits begin here.
        } else if bytes[start...].starts(with: Self.unicodeMinus) {
            isNegative = true
            start += Self.unicodeMinus.count
        } else if start < bytes.count, bytes[start] == UInt8(ascii: "-") || bytes[start] == UInt8(ascii: "+") {
            isNegative = bytes[start] == UInt8(ascii: "-")
            start += 1
        }
        guard let end = Self.unsignedEnd(bytes, from: start, afterDigit: false) else { return nil }
        position = end
        return DecimalNumber(unsigned: bytes[start..<end], isNegative: isNegative)
    }

    /// Where the unsigned number that starts at `start` ends; nil if none starts there.
    private static func unsignedEnd(_ bytes: [UInt8], from start: Int, afterDigit: Bool? = nil) -> Int? {
        func isDigit(_ index: Int) -> Bool { index < bytes.count && bytes[index] &- UInt8(ascii: "0") < 10 }
        func byte(_ index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

        var end = start
        while isDigit(end) { end += 1 }
        if end == start {
            // In 3.4.5 the second point separates.
            let afterDigit = afterDigit ?? (start > 0 && isDigit(start - 1))
            guard byte(start) == UInt8(ascii: "."), isDigit(start + 1), !afterDigit else { return nil }
        } else if end - start <= 3 {
            while byte(end) == UInt8(ascii: ","), isDigit(end + 1), isDigit(end + 2), isDigit(end + 3),
                !isDigit(end + 4)
            {
                end += 4
            }
        }
        if byte(end) == UInt8(ascii: "."), isDigit(end + 1) {
            end += 1
            while isDigit(end) { end += 1 }
        }
        return end
    }

    private static func minusStarts(before start: Int, in bytes: [UInt8]) -> Bool {
        let sign: Int
        if start >= 1, bytes[start - 1] == UInt8(ascii: "-") {
            sign = start - 1
        } else if start >= 3, bytes[(start - 3)..<start].elementsEqual(Self.unicodeMinus) {
            sign = start - 3
        } else {
            return false
        }
        guard sign > 0 else { return true }
        let character = Unicode.Scalar(bytes[sign - 1])
        return !(character.isASCII && (character.properties.isAlphabetic || character.properties.numericType != nil))
            && !")]}".utf8.contains(bytes[sign - 1])
    }

    private static let unicodeMinus: [UInt8] = [0xE2, 0x88, 0x92]
}

extension DecimalNumber {
    /// An answer as data sets write it, in the grammar of numbers where it is one: `$42$` becomes 42, 1e3 becomes 1000.
    static func answer(from text: String) -> String {
        let plain = AnswerSheath.removed(from: text)
        guard DecimalNumber(plain) == nil else { return plain }
        let scalars = Array(plain.unicodeScalars)
        let digits = scalars.first == "-" ? scalars.dropFirst() : scalars[...]
        guard let last = digits.last, last.isDigit, let value = NumberAtom(digits)?.value else { return plain }
        return "\(scalars.first == "-" ? value.negated : value)"
    }
}

extension DecimalNumber: CustomStringConvertible {
    /// The shortest text of the value, such as `-1000.5` or `0.25`; equal for equal numbers.
    var description: String {
        let whole = self.integer.isEmpty ? "0" : String(decoding: self.integer, as: UTF8.self)
        let fraction = self.fraction.isEmpty ? "" : "." + String(decoding: self.fraction, as: UTF8.self)
        return (self.isNegative ? "-" : "") + whole + fraction
    }
}
