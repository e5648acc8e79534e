import EADCore
import Testing

struct RolloutTests {
    /// A group of rollouts with and without a score.
    private func group(_ scored: [Bool]) -> RolloutGroup {
        RolloutGroup(
            id: GroupID(purpose: .training, step: GlobalStep(1), slot: 2), attempt: 1, policyVersion: PolicyVersion(1),
            problem: 3, promptTokens: [1],
            rollouts: scored.enumerated().map { index, isScored in
                Rollout(
                    tokens: [TokenID(index)], temperatures: [1], behaviourLogProbs: [-1], policyLogProbs: [-1],
                    policyEntropies: [1], behaviourEntropies: [1],
                    finish: .stopToken, reward: 0, isScored: isScored)
            })
    }

    @Test func rolloutsWithoutAScoreAreLeftOutOfTheirGroup() {
        #expect(self.group([true, true]).comparable == self.group([true, true]))
        let rest = self.group([true, false, false, true, true]).comparable
        #expect(rest?.rollouts.map(\.tokens) == [[0], [3], [4]])
        #expect(rest?.id == self.group([]).id && rest?.problem == 3)
    }

    @Test func oneScoredRolloutComparesWithNothing() {
        for scored in [[], [true], [false, false], [true, false, false]] {
            #expect(self.group(scored).comparable == nil)
        }
    }
}
