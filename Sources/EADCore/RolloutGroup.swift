/// The rollouts of one prompt in one step.
package struct RolloutGroup: Hashable, Sendable {
    package var id: GroupID
    /// The lease attempt that produced it, from 1.
    package var attempt: UInt32
    /// The weights that its prompt was computed with, and that drew each token of which its rollout does not say another.
    ///
    /// No older ones had a part in it.
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

    /// The rewards of the rollouts that have a score, in their order.
    package var rewards: [Float] { self.rollouts.compactMap { $0.verdict?.reward } }
}
