import EADAlgorithms
import EADCore
import EADSampling

/// How the groups of a step become the updates of the policy.
struct StepPlan: Sendable {
    let objective: PolicyObjective
    /// Updates per step.
    let miniBatches: Int
    /// The longest response, in tokens.
    let maxTokens: Int
    /// The run's.
    let seed: UInt64

    /// The step's groups, which come in order of slot and whose rollouts all have scores, in equal shares that keep groups whole and order as it is.
    ///
    /// Advantages are computed over the whole step.
    func miniBatches(of groups: [RolloutGroup], step: GlobalStep) -> [MiniBatch] {
        let scored = groups.map { $0.rollouts.compactMap(ScoredResponse.init) }
        precondition(scored.map(\.count) == groups.map(\.rollouts.count), "what has no score is not trained on")
        let advantages = self.objective.advantages(for: self.objective.shaped(scored, maxTokens: self.maxTokens))
        let size = (groups.count + self.miniBatches - 1) / self.miniBatches
        return stride(from: 0, to: groups.count, by: max(size, 1)).enumerated().map { index, first in
            let range = first..<min(first + size, groups.count)
            return self.miniBatch(index, Array(groups[range]), Array(advantages[range]), step: step)
        }
    }

    private func miniBatch(
        _ index: Int, _ groups: [RolloutGroup], _ advantages: [[Float]], step: GlobalStep
    ) -> MiniBatch {
        var batch = TokenBatch(groups)
        batch.advantages = advantages.flatMap { $0 }
        if self.objective.configuration.needs.contains(.tokenSelection) {
            var generator = PhiloxGenerator(seed: self.seed, step: step, miniBatch: UInt32(index))
            batch.isSelected = self.objective.selection(in: batch, using: &generator)
        }
        return MiniBatch(
            batch, slots: groups.map(\.id.slot),
            trainsWithoutAdvantage: self.objective.configuration.trainsWithoutAdvantage)
    }
}

/// What one update of the policy is computed from.
struct MiniBatch: Sendable {
    /// All groups, also those that are not computed.
    let all: TokenBatch
    /// Groups whose rollouts differ in what the objective thinks of them.
    let groupsWithAdvantage: Int
    /// The groups with a gradient: forward and backward passes of the others would add zeros.
    let useful: TokenBatch
    /// The slots of those.
    let slots: [UInt32]

    /// - Parameter slots: Those of the groups of `all`.
    init(_ all: TokenBatch, slots: [UInt32], trainsWithoutAdvantage: Bool) {
        let differing = all.groups.indices.filter { all.advantages[all.groups[$0]].contains { $0 != 0 } }
        self.all = all
        self.groupsWithAdvantage = differing.count
        self.useful = trainsWithoutAdvantage ? all : all.taking(differing)
        self.slots = trainsWithoutAdvantage ? slots : differing.map { slots[$0] }
    }

    /// Of all groups.
    var totals: BatchTotals { BatchTotals(of: self.all) }
}
