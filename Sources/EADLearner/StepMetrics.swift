import EADAlgorithms
import EADCore
import EADEngine
import EADMessages

/// The measurements of one step; docs/metrics.md defines every name.
struct StepMetrics {
    let list: [Metric]

    init(groups: [RolloutGroup], useful: [Int], objective: ObjectiveMetrics, update: UpdateSummary?, seconds: Double) {
        let rollouts = groups.flatMap(\.rollouts)
        let tokens = rollouts.map(\.tokens.count).reduce(0, +)
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }
        let temperatures = rollouts.flatMap(\.temperatures).map(Double.init)
        let trained = useful.map { groups[$0].trainedTokens }.reduce(0, +)
        self.list = [
            Metric(name: "reward", value: mean(rollouts.map { Double($0.reward) })),
            Metric(name: "pass_at_k", value: mean(groups.map { $0.rollouts.contains { $0.reward >= 1 } ? 1 : 0 })),
            Metric(name: "groups_with_advantage", value: Double(useful.count)),
            Metric(name: "response_tokens", value: Double(tokens)),
            Metric(name: "response_tokens_mean", value: Double(tokens) / Double(max(rollouts.count, 1))),
            Metric(name: "truncated_share", value: mean(rollouts.map { $0.finish == .length ? 1 : 0 })),
            Metric(name: "temperature_mean", value: mean(temperatures)),
            Metric(name: "loss", value: objective.loss),
            Metric(name: "gradient_norm", value: Double(update?.gradientNorm ?? 0)),
            Metric(name: "logprob_diff_max", value: objective.logProbDifferenceMax),
            Metric(name: "ratio_max", value: objective.ratioMax),
            Metric(name: "clip_fraction_low", value: objective.clipFractionLow),
            Metric(name: "clip_fraction_high", value: objective.clipFractionHigh),
            Metric(name: "importance_mean", value: objective.importanceMean),
            Metric(name: "importance_max", value: objective.importanceMax),
            Metric(name: "importance_truncated_share", value: objective.truncatedFraction),
            Metric(name: "effective_sample_share", value: objective.effectiveSampleShare),
            Metric(name: "training_seconds", value: seconds),
            Metric(name: "training_tokens_per_second", value: Double(trained) / max(seconds, 1e-9)),
        ]
    }
}
