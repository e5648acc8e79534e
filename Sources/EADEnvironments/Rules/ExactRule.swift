import EADCore

/// The response is the answer, byte for byte, but for ASCII white space around either.
struct ExactRule: ScoringRule {
    func score(response: String, answer: String) -> Verdict {
        let text = response.withoutOuterSpace
        let isRight = self.problem(of: answer) == nil && text.utf8.elementsEqual(answer.withoutOuterSpace.utf8)
        return Verdict(isRight: isRight, isStrict: true, prediction: text.isEmpty ? nil : String(text))
    }

    func problem(of answer: String) -> String? { answer.withoutOuterSpace.isEmpty ? "is empty" : nil }

    func answer(from text: String) -> String { text }

    func response(stating answer: String) -> String { answer }
}

extension EnvironmentKind {
    package static let exact = EnvironmentKind(
        "exact",
        Row(
            reads: "the response without outer white space", rightIf: "it is the answer, byte for byte",
            strictIf: "(the same)"),
        rule: ExactRule())
}
