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
    /// Whether groups may be of older policies than the one that the step trains: pi_old is then the latter (decoupled PPO),
    /// rather than the policy that sampled.
    let isDecoupled: Bool

    /// The step's groups, which come in order of slot and whose rollouts all have scores, in equal shares that keep groups
    /// whole and order as it is.
    ///
    /// Advantages are computed over the whole step.
    /// - Parameter logProbs: Of tokens, under the weights before the step; asked only where pi_old is not recorded, nor
    ///   computed by the first update itself.
    func miniBatches(
        of groups: [RolloutGroup], step: GlobalStep, logProbs: (TokenBatch) throws -> [Float]
    ) rethrows -> [MiniBatch] {
        let scored = groups.map { $0.rollouts.compactMap(ScoredResponse.init) }
        precondition(scored.map(\.count) == groups.map(\.rollouts.count), "what has no score is not trained on")
        let advantages = self.objective.advantages(for: self.objective.shaped(scored, maxTokens: self.maxTokens))
        let size = (groups.count + self.miniBatches - 1) / self.miniBatches
        return try stride(from: 0, to: groups.count, by: max(size, 1)).enumerated().map { index, first in
            let range = first..<min(first + size, groups.count)
            return try self.miniBatch(
                index, Array(groups[range]), Array(advantages[range]), step: step, logProbs: logProbs)
        }
    }

    private func miniBatch(
        _ index: Int, _ groups: [RolloutGroup], _ advantages: [[Float]], step: GlobalStep,
        logProbs: (TokenBatch) throws -> [Float]
    ) rethrows -> MiniBatch {
        var batch = TokenBatch(groups)
        batch.advantages = advantages.flatMap { $0 }
        if self.objective.configuration.needs.contains(.tokenSelection) {
            if self.isDecoupled { batch.proximalLogProbs = try logProbs(batch) }
            var generator = PhiloxGenerator(seed: self.seed, step: step, miniBatch: UInt32(index))
            batch.isSelected = self.objective.selection(in: batch, using: &generator)
        }
        var miniBatch = MiniBatch(
            batch,
            // No version is newer than the step's, so nothing of a group that began with it is of another.
            origins: groups.map { MiniBatch.Origin(slot: $0.id.slot, isFresh: $0.policyVersion == step.startVersion) },
            trainsWithoutAdvantage: self.objective.configuration.trainsWithoutAdvantage)
        if self.isDecoupled, index > 0, miniBatch.useful.proximalLogProbs.isEmpty {
            miniBatch.useful.proximalLogProbs = try logProbs(miniBatch.useful)
        }
        return miniBatch
    }
}

/// What one update of the policy is computed from.
struct MiniBatch: Sendable {
    /// Where a group comes from.
    struct Origin: Hashable, Sendable {
        let slot: UInt32
        /// Whether it was sampled with the weights before the step.
        let isFresh: Bool
    }

    /// All groups, also those that are not computed.
    let all: TokenBatch
    /// Groups whose rollouts differ in what the objective thinks of them.
    let groupsWithAdvantage: Int
    /// The groups with a gradient: forward and backward passes of the others would add zeros.
    fileprivate(set) var useful: TokenBatch
    /// Of those.
    let origins: [Origin]

    /// - Parameter origins: Of the groups of `all`.
    init(_ all: TokenBatch, origins: [Origin], trainsWithoutAdvantage: Bool) {
        let differing = all.groups.indices.filter { all.advantages[all.groups[$0]].contains { $0 != 0 } }
        self.all = all
        self.groupsWithAdvantage = differing.count
        self.useful = trainsWithoutAdvantage ? all : all.taking(differing)
        self.origins = trainsWithoutAdvantage ? origins : differing.map { origins[$0] }
    }

    /// Of all groups.
    var totals: BatchTotals { BatchTotals(of: self.all) }
}
