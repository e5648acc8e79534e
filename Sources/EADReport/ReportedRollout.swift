/// One response that a step was trained on.
package struct ReportedRollout: Hashable, Sendable {
    package var step: UInt64
    package var problem: UInt64
    /// Nil without a score.
    package var reward: Double?
    /// The answer the verifier read; nil when it read none.
    package var prediction: String?
    package var prompt: String
    /// The response, token by token, with the temperature that each was drawn at.
    package var tokens: [Token]

    package struct Token: Hashable, Sendable {
        package var text: String
        package var temperature: Double

        package init(text: String, temperature: Double) {
            self.text = text
            self.temperature = temperature
        }
    }

    package init(
        step: UInt64, problem: UInt64, reward: Double?, prediction: String?, prompt: String, tokens: [Token]
    ) {
        self.step = step
        self.problem = problem
        self.reward = reward
        self.prediction = prediction
        self.prompt = prompt
        self.tokens = tokens
    }
}
