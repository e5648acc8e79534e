public import EADCore

/// What an advantage is computed from: a response's reward and its length.
public struct ScoredResponse: Hashable, Sendable {
    public var reward: Float
    /// Response tokens, >= 1.
    public var tokens: Int

    public init(reward: Float, tokens: Int) {
        precondition(tokens >= 1, "a response has at least one token")
        self.reward = reward
        self.tokens = tokens
    }

    public init(_ rollout: Rollout) {
        self.init(reward: rollout.reward, tokens: rollout.tokens.count)
    }
}
