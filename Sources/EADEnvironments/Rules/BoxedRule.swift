import EADCore

/// MATH's rule: the last box of the response holds the answer, both in `MATHNormalForm`.
struct BoxedRule: ScoringRule {
    func score(response: String, answer: String) -> Verdict {
        let text = ScalarText(response)
        guard let box = Self.lastBox(in: text) else { return Verdict(isRight: false, isStrict: false, prediction: nil) }
        let form = MATHNormalForm(AnswerSheath.dropping("$", "$", of: box) ?? box)
        let isRight = self.problem(of: answer) == nil && form.matches(MATHNormalForm(ScalarText(answer)))
        let isStrict = text.split(#"\boxed"#).count == 2 && text.first(#"\boxed{"#) != nil
        return Verdict(isRight: isRight, isStrict: isStrict, prediction: form.text.string)
    }

    func problem(of answer: String) -> String? {
        MATHNormalForm(ScalarText(answer)).text.isEmpty ? "is empty in the normal form of MATH" : nil
    }

    func response(stating answer: String) -> String { "\\boxed{\(answer)}" }

    /// The content of the last `\boxed{...}`, or, if `\boxed ` with a space occurs at all, what follows the last of
    /// these up to a dollar sign. Nil without a box, or if the last one is neither.
    private static func lastBox(in text: ScalarText) -> ScalarText? {
        if let spaced = text.last(#"\boxed "#) {
            return text[(spaced + 7)..<text.count].split("$")[0]
        }
        guard let start = text.last(#"\boxed"#), text.first(#"\boxed{"#, from: start) == start,
            let closed = text.closedBraces(from: start)
        else { return nil }
        return text[(start + 7)..<(closed.upperBound - 1)]
    }
}

extension EnvironmentKind {
    package static let boxed = EnvironmentKind(
        "boxed",
        Row(
            reads: "the last `\\boxed{...}`", rightIf: "it equals the answer in the normal form of MATH",
            strictIf: "it is the only box, with braces"),
        rule: BoxedRule())
}
