import EADCore

/// How a response is scored by reading it; deterministic, and linear in the response's length whatever it holds.
protocol ScoringRule: Sendable {
    func score(response: String, answer: String) -> Verdict

    /// What is wrong with an answer, as the end of a sentence; nil if responses can be scored against it.
    func problem(of answer: String) -> String?

    /// The answer as the rule compares it, made of the answer as data sets write it.
    func answer(from text: String) -> String

    /// A response that says the answer and nothing else: if even this is wrong, no response is right.
    func response(stating answer: String) -> String
}

extension ScoringRule {
    func answer(from text: String) -> String { AnswerSheath.removed(from: text) }
}

/// The environment of one turn that scores by a rule.
struct RuleEnvironment: Environment {
    let rule: any ScoringRule

    nonisolated(nonsending) func step(_ response: String, in episode: Episode) async -> Turn {
        let verdicts = AcceptedAnswers(episode.problem.answer).texts.map {
            self.rule.score(response: response, answer: $0)
        }
        // The best of several; of equals the first.
        var best = verdicts[0]
        for verdict in verdicts.dropFirst()
        where (verdict.reward, verdict.strictReward) > (best.reward, best.strictReward) {
            best = verdict
        }
        return .end(best)
    }
}

extension EnvironmentKind {
    /// A kind that scores by a rule.
    init(_ name: String, _ row: Row, rule: any ScoringRule) {
        self.init(
            name, row, answer: rule.answer,
            fault: { answer in
                if let problem = rule.problem(of: answer) { return problem }
                let response = rule.response(stating: answer)
                guard rule.score(response: response, answer: answer).reward != 1 else { return nil }
                return "is matched by no response, not even by '\(response)'"
            },
            make: { _, _ in RuleEnvironment(rule: rule) })
    }
}

extension Verdict {
    /// A right response is strictly right if its form is right too.
    init(isRight: Bool, isStrict: Bool, prediction: String?) {
        self.init(
            reward: isRight ? 1 : 0, strictReward: isRight && isStrict ? 1 : 0, prediction: prediction)
    }
}
