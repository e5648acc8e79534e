import EADCore

/// The last number in the response, as `NumberReading` reads it, has the value of the answer.
struct NumberRule: ScoringRule {
    /// What a strict response is.
    enum Form {
        /// The number and nothing else.
        case alone
        /// One correct line `a op b = answer`.
        case equation
    }

    let form: Form

    func score(response: String, answer: String) -> Verdict {
        let number = NumberReading(lastOf: response).number
        guard let number, number == DecimalNumber(answer) else {
            return Verdict(isRight: false, isStrict: false, prediction: number?.description)
        }
        let line = response.withoutOuterSpace
        let isStrict =
            switch self.form {
            case .alone: DecimalNumber(line) != nil
            case .equation: Equation(line)?.isCorrect ?? false
            }
        return Verdict(isRight: true, isStrict: isStrict, prediction: number.description)
    }

    func problem(of answer: String) -> String? { DecimalNumber(answer) == nil ? "is not a number" : nil }

    func answer(from text: String) -> String { DecimalNumber.answer(from: text) }

    func response(stating answer: String) -> String { answer }
}

extension EnvironmentKind {
    package static let number = EnvironmentKind(
        "number",
        Row(
            reads: "the last number", rightIf: "its value is the answer's",
            strictIf: "the response is that number alone"),
        rule: NumberRule(form: .alone))

    package static let equation = EnvironmentKind(
        "equation",
        Row(
            reads: "the last number", rightIf: "its value is the answer's",
            strictIf: "the response is one correct line `a op b = answer`"),
        rule: NumberRule(form: .equation))
}

extension String {
    /// The text without ASCII white space at its ends.
    var withoutOuterSpace: Substring {
        func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || (9...13).contains(byte) }
        let bytes = self.utf8
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return Substring(bytes[first...last])
    }
}
