import EADCore

/// GSM8K's rule: solutions end in `#### number`. Only the last 300 characters count, as in verl.
struct HashMarkRule: ScoringRule {
    /// Whether the last number is right wherever it stands; else it must follow the marks.
    let isFlexible: Bool

    func score(response: String, answer: String) -> Verdict {
        let end = String(String.UnicodeScalarView(response.unicodeScalars.suffix(300)))
        let wanted = DecimalNumber(answer)
        let marked = Self.markedNumber(in: end)
        let number = self.isFlexible ? DecimalNumber.last(in: end) : marked
        return Verdict(
            isRight: number != nil && number == wanted, isStrict: marked == wanted, prediction: number?.description)
    }

    func problem(of answer: String) -> String? { DecimalNumber(answer) == nil ? "is not a number" : nil }

    func answer(from text: String) -> String { DecimalNumber.answer(from: text) }

    func response(stating answer: String) -> String { "#### " + (DecimalNumber(answer)?.description ?? answer) }

    /// The number that follows the last `#### ` with digits, points or commas behind it.
    ///
    /// All commas are dropped, and one full stop at the end.
    private static func markedNumber(in text: String) -> DecimalNumber? {
        let bytes = Array(text.utf8)
        func isPart(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == 46 || byte == 44
        }
        var last: ArraySlice<UInt8>?
        for start in bytes.indices where bytes[start...].starts(with: "#### ".utf8) {
            let rest = bytes[(start + 5)...]
            let digits = rest.first == UInt8(ascii: "-") ? rest.dropFirst() : rest
            let run = digits.prefix(while: isPart)
            if !run.isEmpty { last = rest[rest.startIndex..<run.endIndex] }
        }
        guard var found = last?.filter({ $0 != UInt8(ascii: ",") }) else { return nil }
        if found.last == UInt8(ascii: ".") { found.removeLast() }
        return DecimalNumber(String(decoding: found, as: UTF8.self))
    }
}

extension EnvironmentKind {
    package static let gsm8kStrict = EnvironmentKind(
        "gsm8k-strict",
        Row(reads: "the number after the last `#### `", rightIf: "its value is the answer's", strictIf: "(the same)"),
        rule: HashMarkRule(isFlexible: false))

    package static let gsm8kFlexible = EnvironmentKind(
        "gsm8k-flexible",
        Row(
            reads: "the last number", rightIf: "its value is the answer's",
            strictIf: "so is the number after the last `#### `"),
        rule: HashMarkRule(isFlexible: true))
}
