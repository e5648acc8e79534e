import EADAlgorithms
import EADCore
import Testing

@testable import EADLearner

@Suite struct StepPlanTests {
    /// A group whose rollouts have these rewards; rollout i has i + 2 tokens.
    static func group(_ slot: UInt32, rewards: [Float]) -> RolloutGroup {
        RolloutGroup(
            id: GroupID(step: GlobalStep(0), slot: slot), attempt: 1, policyVersion: PolicyVersion(0), problem: slot,
            promptTokens: [1, 2 + slot],
            rollouts: rewards.enumerated().map { index, reward in
                let count = index + 2
                let values = (0..<count).map { Float($0 + 1) }
                let trace = TokenTrace(
                    tokens: values.map { TokenID($0) },
                    columns: [
                        .temperature: values.map { 1 / $0 }, .behaviourLogProb: values.map { -$0 },
                        .policyLogProb: values.map { -$0 * 0.5 }, .policyEntropy: values,
                        .behaviourEntropy: values.map { 2 * $0 },
                    ])
                return Rollout(
                    trace: trace, finish: index == 0 ? .length : .stopToken,
                    verdict: Verdict(reward: reward, strictReward: 0))
            })
    }

    static let groups = [
        Self.group(0, rewards: [1, 0, 0]), Self.group(1, rewards: [1, 1, 1]), Self.group(2, rewards: [0, 0, 0]),
        Self.group(3, rewards: [0, 1, 1]),
    ]

    static func plan(
        _ miniBatches: Int, seed: UInt64 = 1, isDecoupled: Bool = false,
        _ change: (inout AlgorithmConfiguration) -> Void = { _ in }
    ) -> StepPlan {
        var configuration = AlgorithmConfiguration()
        change(&configuration)
        return StepPlan(
            objective: PolicyObjective(configuration), miniBatches: miniBatches, maxTokens: 4, seed: seed,
            isDecoupled: isDecoupled)
    }

    @Test(arguments: [1, 2, 4]) func groupsStayWholeAndInOrder(count: Int) {
        let batches = Self.plan(count).miniBatches(of: Self.groups, step: GlobalStep(0))
        #expect(batches.count == count)
        #expect(Set(batches.map(\.all.groups.count)) == [4 / count])
        let whole = TokenBatch(Self.groups)
        #expect(batches.flatMap(\.all.promptTokens) == whole.promptTokens)
        #expect(batches.flatMap(\.all.trace.tokens) == whole.trace.tokens)
        #expect(batches.flatMap { $0.all.groups.map(\.count) } == [3, 3, 3, 3])
        #expect(batches.flatMap { $0.all.responses.map(\.count) } == whole.responses.map(\.count))
        #expect(batches.map(\.totals.sequences) == Array(repeating: 12 / count, count: count))
        #expect(batches.map(\.totals.tokens) == Array(repeating: 36 / count, count: count))
        let advantages = PolicyObjective(AlgorithmConfiguration()).advantages(
            for: Self.groups.map { $0.rollouts.compactMap(ScoredResponse.init) })
        #expect(batches.flatMap(\.all.advantages) == advantages.flatMap { $0 })
    }

    @Test func groupsWithoutAnAdvantageAreComputedOnlyWhereTheyHaveAGradient() {
        // The second prompt token names the group.
        func useful(_ change: (inout AlgorithmConfiguration) -> Void) -> [UInt32] {
            let batch = Self.plan(1, change).miniBatches(of: Self.groups, step: GlobalStep(0))[0].useful
            return batch.prompts.map { batch.promptTokens[$0.upperBound - 1] - 2 }
        }
        #expect(useful { _ in } == [0, 3])
        #expect(useful { $0.loss = .clipCov } == [0, 3])
        #expect(useful { $0.loss = .klCov } == [0, 1, 2, 3])
        #expect(useful { $0.klCoefficient = 0.1 } == [0, 1, 2, 3])
        #expect(useful { $0.entropyCoefficient = 0.1 } == [0, 1, 2, 3])
    }

    @Test func aBatchWithoutAGroupToComputeStillCounts() {
        let batches = Self.plan(4).miniBatches(of: Self.groups, step: GlobalStep(0))
        #expect(batches.map(\.useful.groups.count) == [1, 0, 0, 1])
    }

    /// Groups without scores are left out before: there may be fewer than a step has, or none.
    @Test func anyNumberOfGroupsIsShared() {
        func sizes(_ count: Int) -> [Int] {
            Self.plan(4).miniBatches(of: Array(Self.groups.prefix(count)), step: GlobalStep(0)).map(\.all.groups.count)
        }
        #expect(sizes(0) == [] && sizes(1) == [1] && sizes(3) == [1, 1, 1])
        #expect(Self.plan(2).miniBatches(of: Array(Self.groups.prefix(3)), step: GlobalStep(0)).count == 2)
    }

    /// Rollouts 2 of the groups reach the limit of 4 tokens and lose 1; those of 3 tokens lose 0.5.
    @Test func longResponsesLoseRewardBeforeAdvantages() {
        let plan = Self.plan(1) {
            $0.advantage = .drGRPO
            $0.overlongBuffer = 2
        }
        let batch = plan.miniBatches(of: Self.groups, step: GlobalStep(0))[0].all
        #expect(batch.advantages[batch.groups[1]] == [0.5, 0, -0.5])
        #expect(Self.groups[1].rewards == [1, 1, 1])
    }

    @Test func tokensAreChosenBySeedStepAndMiniBatch() {
        func selected(seed: UInt64 = 1, step: UInt64 = 0) -> [[Bool]] {
            let plan = Self.plan(2, seed: seed) {
                $0.loss = .clipCov
                $0.covarianceLow = -100
                $0.covarianceHigh = 100
                $0.covarianceRatio = 0.4
            }
            return plan.miniBatches(of: Self.groups + Self.groups, step: GlobalStep(step)).map(
                \.all.isSelected)
        }
        let first = selected()
        #expect(first == selected())
        #expect(first != selected(seed: 2) && first != selected(step: 1))
        #expect(first[0] != first[1])
        for batch in first {
            #expect(batch.count == 4 * (2 + 3 + 4))
            #expect(batch.count { $0 } == 14)
        }
        let none = Self.plan(2).miniBatches(of: Self.groups, step: GlobalStep(0))
        #expect(none.allSatisfy { $0.all.isSelected.isEmpty })
    }

    /// The first update computes the old policy itself; the later ones, and a choice of tokens, need it before.
    @Test func theOldPolicyIsComputedWhereOlderGroupsNeedIt() {
        func asked(_ miniBatches: Int, _ change: (inout AlgorithmConfiguration) -> Void = { _ in }) -> [Int] {
            var asked: [Int] = []
            let batches = Self.plan(miniBatches, isDecoupled: true, change).miniBatches(
                of: Self.groups, step: GlobalStep(0)
            ) { batch in
                asked.append(batch.groups.count)
                return batch.trace.tokens.map { -Float($0) }
            }
            for batch in batches where !batch.useful.proximalLogProbs.isEmpty {
                #expect(batch.useful.oldLogProbs == batch.useful.trace.tokens.map { -Float($0) })
            }
            return asked
        }
        #expect(asked(1) == [])
        #expect(asked(2) == [1])
        #expect(asked(4) == [0, 0, 1])
        #expect(asked(2) { $0.klCoefficient = 0.1 } == [2])
        #expect(asked(2) { $0.loss = .clipCov } == [2, 2])
    }

    @Test func aGroupIsFreshIfItIsOfTheVersionThatTheStepTrains() {
        let origins = Self.plan(1) { $0.klCoefficient = 1 }.miniBatches(of: Self.groups, step: GlobalStep(0))[0].origins
        #expect(origins.map(\.slot) == [0, 1, 2, 3] && origins.allSatisfy(\.isFresh))
        let later = Self.plan(1).miniBatches(of: Self.groups, step: GlobalStep(1))[0].origins
        #expect(later.map(\.slot) == [0, 3] && later.allSatisfy { !$0.isFresh })
    }
}

extension StepPlan {
    /// Of a synchronous run, which asks for no log-probabilities.
    func miniBatches(of groups: [RolloutGroup], step: GlobalStep) -> [MiniBatch] {
        self.miniBatches(of: groups, step: step) { _ in
            Issue.record("log-probabilities are asked for")
            return []
        }
    }
}
