/// What scores a response against the known answer; the rules here are linear in the response's length.
///
/// docs/verifiers.md compares each rule with the published one it is named after.
package enum Verifier: String, Hashable, Sendable, Codable, CaseIterable {
    /// The last number in the response equals the answer. Strict: the response is that number and nothing else.
    case number
    /// The last number in the response equals the answer. Strict: the response is one correct line `a op b = answer`.
    case equation
    /// The number after the last `#### ` equals the answer, which is the strict form as well.
    case gsm8kStrict = "gsm8k-strict"
    /// The last number in the response equals the answer. Strict: so does the number after the last `#### `.
    case gsm8kFlexible = "gsm8k-flexible"
    /// The last `\boxed{}` holds the answer, in the normal form of MATH. Strict: it is the only one.
    case boxed
    /// The last line `Answer: ...` holds the answer, in the normal form of Minerva. Strict: nothing follows it.
    case dapo
    /// The response is the answer, byte for byte but for white space around it; the strict form as well.
    case exact
    /// A program of the user's scores the response; not here.
    case command

    /// Scores a response by the verifier's own rule, which `command` does not have.
    ///
    /// An answer that `problem(of:)` finds fault with is never matched.
    package func score(response: String, answer: String) -> Verdict {
        guard let rule = self.rule else { preconditionFailure("the verifier command has no rule of its own") }
        return rule.score(response: response, answer: answer)
    }

    /// Why no response could be scored against this answer, such as "is not a number"; nil if it is usable.
    package func problem(of answer: String) -> String? { self.rule?.problem(of: answer) }

    private var rule: (any ScoringRule)? {
        switch self {
        case .number: NumberRule(form: .alone)
        case .equation: NumberRule(form: .equation)
        case .gsm8kStrict: HashMarkRule(isFlexible: false)
        case .gsm8kFlexible: HashMarkRule(isFlexible: true)
        case .boxed: BoxedRule()
        case .dapo: AnswerLineRule()
        case .exact: ExactRule()
        case .command: nil
        }
    }
}
