/// One response to a held-out problem, with its score.
package struct EvaluatedSample: Hashable, Sendable {
    /// Whether it was drawn greedily instead of by the schedule.
    package var greedy: Bool
    /// Nil if the verifier failed on the response: it then counts neither as right nor as wrong.
    package var verdict: Verdict?
    package var tokens: UInt32
    package var text: String

    package init(greedy: Bool, verdict: Verdict?, tokens: UInt32, text: String) {
        self.greedy = greedy
        self.verdict = verdict
        self.tokens = tokens
        self.text = text
    }
}
