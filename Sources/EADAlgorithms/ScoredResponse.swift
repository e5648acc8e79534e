package import EADCore

/// What an advantage is computed from: a response's reward and its length.
package struct ScoredResponse: Hashable, Sendable {
    package var reward: Float
    /// Response tokens, >= 1.
    package var tokens: Int

    package init(reward: Float, tokens: Int) {
        precondition(tokens >= 1, "a response has at least one token")
        self.reward = reward
        self.tokens = tokens
    }

    /// Nil for a rollout without a score.
    package init?(_ rollout: Rollout) {
        guard let verdict = rollout.verdict else { return nil }
        self.init(reward: verdict.reward, tokens: rollout.trace.count)
    }
}
