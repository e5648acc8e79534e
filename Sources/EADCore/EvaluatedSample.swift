/// One scored response to a held-out problem.
package struct EvaluatedSample: Hashable, Sendable {
    /// Whether it was drawn greedily instead of by the schedule.
    package var greedy: Bool
    /// 0 without a score, as is `strictReward`.
    package var reward: Float
    /// Reward under the strict form of the verifier.
    package var strictReward: Float
    /// False if the verifier failed on the response: it then counts neither as right nor as wrong.
    package var isScored: Bool
    package var tokens: UInt32
    package var text: String
    /// The answer the verifier read from the text, never empty; nil when it read none.
    package private(set) var prediction: String?

    /// An empty prediction stands for none.
    package init(
        greedy: Bool, reward: Float, strictReward: Float, isScored: Bool = true, tokens: UInt32, text: String,
        prediction: String? = nil
    ) {
        self.greedy = greedy
        self.reward = reward
        self.strictReward = strictReward
        self.isScored = isScored
        self.tokens = tokens
        self.text = text
        self.prediction = prediction?.isEmpty == true ? nil : prediction
    }
}
