import EADAlgorithms
import EADCore
import EADMessages

/// The measurements of one step; docs/metrics.md defines every name.
struct StepMetrics {
    let list: [Metric]

    init(groups: [RolloutGroup], batches: [MiniBatch], updates: StepUpdates, seconds: Double) {
        self.list =
            Self.rewards(groups, batches) + Self.responses(groups.flatMap(\.rollouts)) + Self.objective(updates)
            + Self.speed(batches, seconds: seconds)
    }

    private static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }

    private static func rewards(_ groups: [RolloutGroup], _ batches: [MiniBatch]) -> [Metric] {
        let rewards = groups.map { $0.rewards.map(Double.init) }
        let deviations = rewards.map { rewards in
            let mean = Self.mean(rewards)
            return Self.mean(rewards.map { ($0 - mean) * ($0 - mean) }).squareRoot()
        }
        let useful = batches.map(\.groupsWithAdvantage).reduce(0, +)
        func share(_ isCounted: ([Double]) -> Bool) -> Double { Self.mean(rewards.map { isCounted($0) ? 1 : 0 }) }
        return [
            Metric(name: "reward", value: Self.mean(rewards.flatMap { $0 })),
            Metric(name: "reward_std", value: Self.mean(deviations)),
            Metric(name: "pass_at_k", value: share { $0.contains { $0 >= 1 } }),
            Metric(name: "groups_solved", value: share { $0.allSatisfy { $0 >= 1 } }),
            Metric(name: "groups_failed", value: share { $0.allSatisfy { $0 < 1 } }),
            Metric(name: "groups_with_advantage", value: Double(useful)),
        ]
    }

    private static func responses(_ rollouts: [Rollout]) -> [Metric] {
        let lengths = rollouts.map { Double($0.trace.count) }
        func mean(_ column: TokenTrace.Column) -> Double {
            Self.mean(rollouts.flatMap { $0.trace[column].map(Double.init) })
        }
        let longest = rollouts.map(\.trace.count).max() ?? 0
        let positions = [0] + sequence(first: 1) { $0 * 2 }.prefix { $0 < longest }
        return [
            Metric(name: "response_tokens", value: lengths.reduce(0, +)),
            Metric(name: "response_tokens_mean", value: Self.mean(lengths)),
            Metric(name: "response_tokens_max", value: Double(longest)),
            Metric(name: "truncated_share", value: Self.mean(rollouts.map { $0.finish == .length ? 1 : 0 })),
            Metric(name: "entropy", value: mean(.policyEntropy)),
            Metric(name: "entropy_sampled", value: mean(.behaviourEntropy)),
            Metric(name: "temperature_mean", value: mean(.temperature)),
        ]
            + positions.map { position in
                let reached = rollouts.compactMap { $0.trace[.temperature].dropFirst(position).first.map(Double.init) }
                return Metric(name: "temperature_at_\(position)", value: Self.mean(reached))
            }
    }

    private static func objective(_ updates: StepUpdates) -> [Metric] {
        let objective = updates.objective
        return [
            Metric(name: "loss", value: updates.loss),
            Metric(name: "gradient_norm", value: updates.gradientNorm),
            Metric(name: "logprob_diff_max", value: updates.recordedDifference),
            Metric(name: "ratio_mean", value: objective.ratioMean),
            Metric(name: "ratio_max", value: objective.ratioMax),
            Metric(name: "kl_to_old", value: objective.approximateKLLowVariance),
            Metric(name: "clip_fraction_low", value: objective.clipFractionLow),
            Metric(name: "clip_fraction_high", value: objective.clipFractionHigh),
            Metric(name: "clip_fraction_dual", value: objective.clipFractionDual),
            Metric(name: "importance_mean", value: objective.importanceMean),
            Metric(name: "importance_max", value: objective.importanceMax),
            Metric(name: "importance_truncated_share", value: objective.truncatedFraction),
            Metric(name: "rejected_share", value: objective.rejectedFraction),
            Metric(name: "effective_sample_share", value: objective.effectiveSampleShare),
        ] + (updates.hasReference ? [Metric(name: "kl_to_reference", value: objective.referenceKL)] : [])
    }

    private static func speed(_ batches: [MiniBatch], seconds: Double) -> [Metric] {
        let trained = batches.map(\.useful.computedTokens).reduce(0, +)
        return [
            Metric(name: "training_seconds", value: seconds),
            Metric(name: "training_tokens_per_second", value: Double(trained) / max(seconds, 1e-9)),
        ]
    }
}
