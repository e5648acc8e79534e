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

    package init(_ rollout: Rollout) {
        self.init(reward: rollout.reward, tokens: rollout.tokens.count)
    }
}
