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
        let rollouts = groups.flatMap(\.rollouts)
        var selected: [[Bool]] = []
        if self.objective.configuration.needs.contains(.tokenSelection) {
            var generator = PhiloxGenerator(seed: self.seed, step: step, miniBatch: UInt32(index))
            selected = self.objective.selection(
                logProbs: rollouts.map { $0.trace[.policyLogProb] }, advantages: advantages.flatMap { $0 },
                using: &generator)
        }
        var next = 0
        let members = zip(groups, advantages).map { group, advantages in
            defer { next += group.rollouts.count }
            return MiniBatch.Member(
                group: group, advantages: advantages,
                selected: selected.isEmpty ? [] : Array(selected[next..<next + group.rollouts.count]))
        }
        return MiniBatch(
            members: members,
            totals: BatchTotals(
                tokens: rollouts.map(\.trace.count).reduce(0, +), sequences: rollouts.count),
            trainsWithoutAdvantage: self.objective.configuration.trainsWithoutAdvantage)
    }
}

/// What one update of the policy is computed from.
struct MiniBatch: Sendable {
    /// A group with what the objective needs of it besides log-probabilities.
    struct Member: Sendable {
        let group: RolloutGroup
        /// Per rollout.
        let advantages: [Float]
        /// The tokens that a covariance loss treats specially, [rollout][token]; empty for other losses.
        let selected: [[Bool]]

        /// Whether the rollouts differ in what the objective thinks of them.
        var hasAdvantage: Bool { self.advantages.contains { $0 != 0 } }
    }

    let members: [Member]
    /// Of all members, also of those that are not computed.
    let totals: BatchTotals
    /// The members with a gradient: forward and backward passes of the others would add zeros.
    let useful: [Member]

    init(members: [Member], totals: BatchTotals, trainsWithoutAdvantage: Bool) {
        self.members = members
        self.totals = totals
        self.useful = members.filter { trainsWithoutAdvantage || $0.hasAdvantage }
    }
}
