/// Why a response ended.
package enum FinishReason: UInt32, Hashable, Sendable, Codable {
    /// A stop token was drawn; it is the last token of the response.
    case stopToken = 1
    /// The decoded text contains a stop string; the token that completed it is the last of the response.
    case stopString = 2
    /// The response reached the token limit.
    case length = 3
}

/// One sampled response with the record of each of its tokens; the six arrays have the same length (>= 1).
package struct Rollout: Hashable, Sendable {
    /// The response, without the prompt.
    package var tokens: [TokenID]
    /// tau_t each token was drawn at.
    package var temperatures: [Float]
    /// log mu(token): natural log-probability under the law it was drawn from (after tau, top-k, top-p, min-p).
    package var behaviourLogProbs: [Float]
    /// log pi(token): natural log-probability under the same policy version at tau = 1 without filters.
    package var policyLogProbs: [Float]
    /// The entropy of pi at the token, at tau = 1 without filters, in nats, >= 0.
    package var policyEntropies: [Float]
    /// The entropy of mu at the token, in nats, >= 0.
    package var behaviourEntropies: [Float]
    package var finish: FinishReason
    /// The verifier's score; 0 without one.
    package var reward: Float
    /// False if the verifier failed on the response: it is then neither trained on nor counted in a mean.
    package var isScored: Bool

    package init(
        tokens: [TokenID], temperatures: [Float], behaviourLogProbs: [Float], policyLogProbs: [Float],
        policyEntropies: [Float], behaviourEntropies: [Float], finish: FinishReason, reward: Float,
        isScored: Bool = true
    ) {
        self.tokens = tokens
        self.temperatures = temperatures
        self.behaviourLogProbs = behaviourLogProbs
        self.policyLogProbs = policyLogProbs
        self.policyEntropies = policyEntropies
        self.behaviourEntropies = behaviourEntropies
        self.finish = finish
        self.reward = reward
        self.isScored = isScored
    }
}

/// The rollouts of one prompt in one step, all sampled with one policy version.
package struct RolloutGroup: Hashable, Sendable {
    package var id: GroupID
    /// The lease attempt that produced it, from 1.
    package var attempt: UInt32
    /// The weights it was sampled with.
    package var policyVersion: PolicyVersion
    /// The problem's place in its task's split.
    package var problem: UInt32
    package var promptTokens: [TokenID]
    package var rollouts: [Rollout]

    package init(
        id: GroupID, attempt: UInt32, policyVersion: PolicyVersion, problem: UInt32, promptTokens: [TokenID],
        rollouts: [Rollout]
    ) {
        self.id = id
        self.attempt = attempt
        self.policyVersion = policyVersion
        self.problem = problem
        self.promptTokens = promptTokens
        self.rollouts = rollouts
    }
    /// The group without the rollouts that have no score; nil if fewer than two are left, which compare with nothing.
    package var comparable: RolloutGroup? {
        var group = self
        group.rollouts.removeAll { !$0.isScored }
        return group.rollouts.count < 2 ? nil : group
    }
}
