import EADCore

/// DAPO's rule: the last `Answer: ...` of the response holds the answer, both in `MinervaNormalForm`.
///
/// Only the last 300 characters count. Without an answer line, the last `\boxed{}` of the last 100 characters must hold
/// the answer to the letter.
struct AnswerLineRule: ScoringRule {
    func score(response: String, answer: String) -> Verdict {
        let text = ScalarText(response.unicodeScalars.suffix(300))
        let usable = self.problem(of: answer) == nil
        if let line = Self.lastAnswer(in: text) {
            let form = MinervaNormalForm.of(text[line])
            let rest = text[line.upperBound..<text.count]
            return Verdict(
                isRight: usable && form == MinervaNormalForm.of(ScalarText(answer)),
                isStrict: rest.scalars.allSatisfy(\.properties.isWhitespace), prediction: form.string)
        }
        let end = text.suffix(100)
        guard let start = end.last(#"\boxed{"#), let closed = end.closedBraces(from: start) else {
            return Verdict(isRight: false, isStrict: false, prediction: nil)
        }
        let box = end[(start + 7)..<(closed.upperBound - 1)]
        return Verdict(isRight: usable && box == ScalarText(answer), isStrict: false, prediction: box.string)
    }

    func problem(of answer: String) -> String? {
        let text = ScalarText(answer)
        if text.first("\n") != nil { return "has more than one line" }
        return MinervaNormalForm.of(text).isEmpty ? "is empty in the normal form of Minerva" : nil
    }

    func response(stating answer: String) -> String { "Answer: \(answer)" }

    /// The text after the last `Answer :`, in any case, up to the end of its line.
    ///
    /// White space after the colon may hold line feeds: the answer may stand on the next line. An answer line ends only
    /// with its line, so a second `Answer:` in it is part of the answer.
    private static func lastAnswer(in text: ScalarText) -> Range<Int>? {
        let scalars = text.scalars
        var found: Range<Int>?
        var index = 0
        while index < scalars.count {
            guard let answer = Self.answer(in: scalars, at: index) else {
                index += 1
                continue
            }
            found = answer
            index = answer.upperBound
        }
        return found
    }

    private static let word = Array("answer".unicodeScalars)

    /// The text of the answer line that starts at `start`.
    private static func answer(in scalars: [Unicode.Scalar], at start: Int) -> Range<Int>? {
        func skipSpace(_ index: inout Int) {
            while index < scalars.count, scalars[index].properties.isWhitespace { index += 1 }
        }
        var index = start
        for letter in Self.word {
            guard index < scalars.count, scalars[index].properties.lowercaseMapping.unicodeScalars.first == letter
            else { return nil }
            index += 1
        }
        skipSpace(&index)
        guard index < scalars.count, scalars[index] == ":" else { return nil }
        index += 1
        let colon = index
        skipSpace(&index)
        if index == scalars.count {
            // Only white space follows: the answer is the last of it that is not a line feed.
            while index > colon, scalars[index - 1] == "\n" { index -= 1 }
            return index > colon ? (index - 1)..<index : nil
        }
        let end = scalars[index...].firstIndex(of: "\n") ?? scalars.count
        return index..<end
    }
}

extension EnvironmentKind {
    package static let dapo = EnvironmentKind(
        "dapo",
        Row(
            reads: "the last line `Answer: ...`", rightIf: "it equals the answer in the normal form of Minerva",
            strictIf: "only white space follows the line"),
        rule: AnswerLineRule())
}
