/// The numbers that a setting may be: the test, and the words for it, from one description.
struct NumberRange<Value: BinaryFloatingPoint & Sendable>: Sendable {
    /// Follows `must be a number`; empty where every finite number is allowed.
    let words: String
    let contains: @Sendable (Value) -> Bool

    private init(_ words: String, _ contains: @escaping @Sendable (Value) -> Bool) {
        self.words = words
        self.contains = contains
    }

    /// Every finite number.
    static var any: NumberRange { NumberRange("") { _ in true } }

    static func within(_ range: ClosedRange<Value>) -> NumberRange {
        NumberRange("\(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))") { range.contains($0) }
    }

    static func atLeast(_ least: Value) -> NumberRange {
        NumberRange("at least \(Self.text(least))") { $0 >= least }
    }

    static func atLeast(_ least: Value, below limit: Value) -> NumberRange {
        NumberRange("at least \(Self.text(least)), below \(Self.text(limit))") { $0 >= least && $0 < limit }
    }

    static func above(_ limit: Value) -> NumberRange {
        NumberRange("above \(Self.text(limit))") { $0 > limit }
    }

    static func above(_ limit: Value, atMost most: Value) -> NumberRange {
        NumberRange("above \(Self.text(limit)), at most \(Self.text(most))") { $0 > limit && $0 <= most }
    }

    /// This range and a number outside it that has a meaning of its own: `0 (greedy) or 0.001 to 100`.
    func or(_ value: Value, _ meaning: String) -> NumberRange {
        let contains = self.contains
        return NumberRange("\(Self.text(value)) (\(meaning)) or \(self.words)") { $0 == value || contains($0) }
    }

    /// The same numbers with more words, for what depends on other settings and is checked with them.
    func and(_ words: String) -> NumberRange {
        NumberRange(self.words.isEmpty ? words : "\(self.words), \(words)", self.contains)
    }

    /// Without the fraction that whole numbers do not have.
    private static func text(_ value: Value) -> String {
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
