import EADAlgorithms
import Testing

struct AdvantageTests {
    @Test func advantagesEqualTheReference() throws {
        let golden = try GoldenObjective.load()
        let groups = golden.groups.map { $0.map { ScoredResponse(reward: $0.reward, tokens: $0.tokens) } }
        for estimator in AdvantageEstimator.allCases {
            let wanted = try #require(golden.advantages[estimator.rawValue])
            let found = PolicyObjective(.with { $0.advantage = estimator }).advantages(for: groups)
            #expect(found.map(\.count) == groups.map(\.count))
            for (found, wanted) in zip(found.joined(), wanted.joined()) {
                #expect(abs(Double(found) - wanted) < 2e-6, "\(estimator)")
            }
        }
    }

    /// One right of four: mean 1/4, unbiased deviation 1/2.
    @Test func groupRelativeAdvantagesByHand() {
        let objective = PolicyObjective(AlgorithmConfiguration())
        let group = [1, 0, 0, 0].map { ScoredResponse(reward: $0, tokens: 5) }
        let found = objective.advantages(for: [group])[0]
        for (found, wanted) in zip(found, [1.5, -0.5, -0.5, -0.5] as [Float]) { #expect(abs(found - wanted) < 1e-5) }
    }

    @Test func equalRewardsGiveExactlyZero() {
        for estimator in AdvantageEstimator.allCases where estimator != .raft {
            let objective = PolicyObjective(.with { $0.advantage = estimator })
            for reward in [0, 1, -1, 0.1, 1e-30, 3e37] as [Float] {
                let group = [ScoredResponse](repeating: ScoredResponse(reward: reward, tokens: 3), count: 7)
                #expect(objective.advantages(for: [group]) == [[0, 0, 0, 0, 0, 0, 0]])
            }
            #expect(objective.advantages(for: [[], []]) == [[], []])
            #expect(objective.advantages(for: []) == [])
        }
    }

    /// A limit of 20 with a buffer of 8: free up to 12 tokens, -0.5 at 20.
    @Test func longResponsesLoseReward() {
        let objective = PolicyObjective(
            .with {
                $0.overlongBuffer = 8
                $0.overlongFactor = 0.5
            })
        let group = [1, 12, 13, 16, 20].map { ScoredResponse(reward: 1, tokens: $0) }
        #expect(objective.shaped([group], maxTokens: 20)[0].map(\.reward) == [1, 1, 0.9375, 0.75, 0.5])
        #expect(PolicyObjective(AlgorithmConfiguration()).shaped([group], maxTokens: 20) == [group])
    }

    @Test func aFilterKeepsGroupsThatTeach() {
        #expect(GroupFilter.none.keeps(rewards: [1, 1]))
        #expect(GroupFilter.mixed.keeps(rewards: [1, 0, 1]))
        #expect(GroupFilter.mixed.keeps(rewards: [1]))
        #expect(!GroupFilter.mixed.keeps(rewards: [1, 1, 1]))
        #expect(!GroupFilter.mixed.keeps(rewards: []))
    }
}
