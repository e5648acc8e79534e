/// How a verifier reads a response; deterministic, and linear in the response's length whatever it holds.
protocol ScoringRule {
    func score(response: String, answer: String) -> Verdict

    /// What is wrong with an answer, as the end of a sentence; nil if responses can be scored against it.
    func problem(of answer: String) -> String?
}
