import EADAlgorithms
import EADCore
import EADTestKit
import Testing

struct ScoredGroupTests {
    /// A group of rollouts with and without a score.
    private func group(_ scored: [Bool]) -> RolloutGroup {
        RolloutGroup(
            id: GroupID(purpose: .training, step: GlobalStep(1), slot: 2), attempt: 1, policyVersion: PolicyVersion(1),
            problem: 3, promptTokens: [1],
            rollouts: scored.enumerated().map { index, isScored in
                Rollout(
                    trace: .filled([TokenID(index)]), finish: .stopToken,
                    verdict: isScored ? Verdict(reward: Float(index), strictReward: 0) : nil)
            })
    }

    @Test func rolloutsWithoutAScoreAreLeftOutOfTheirGroup() {
        #expect(self.group([true, true]).scored(atLeast: 2) == self.group([true, true]))
        let rest = self.group([true, false, false, true, true]).scored(atLeast: 2)
        #expect(rest?.rollouts.map(\.trace.tokens) == [[0], [3], [4]])
        #expect(rest?.rewards == [0, 3, 4] && self.group([true, false, true]).rewards == [0, 2])
        #expect(rest?.id == self.group([]).id && rest?.problem == 3)
    }

    @Test func oneScoredRolloutComparesWithNothing() {
        for scored in [[], [true], [false, false], [true, false, false]] {
            #expect(self.group(scored).scored(atLeast: 2) == nil)
        }
        #expect(self.group([true, false]).scored(atLeast: 1) == self.group([true]))
    }
}
