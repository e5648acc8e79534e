import EADAlgorithms
import EADCore
import EADReport
import EADSampling
import EADTelemetry
import EADTestKit

/// Runs as they could be read, small and written by hand.
enum Runs {
    static let ead = TemperatureSchedule.annealed(
        AnnealedSchedule(maximum: 1.2, minimum: 0.1, initialDecay: 16, decayGrowth: 0.25, warmup: 0))

    static func run(
        _ name: String = "quickstart", seed: UInt64 = 1, schedule: TemperatureSchedule = Runs.ead,
        algorithm: AlgorithmConfiguration = AlgorithmConfiguration(), settings: [String: String] = [:],
        records: [RunRecord]? = nil, samples: [UInt64: [ReportedSample]] = [:],
        rollouts: [ReportedRollout] = []
    ) -> ReportedRun {
        ReportedRun(
            name: name, seed: seed, plannedSteps: 4, maxTokens: 24, schedule: schedule, algorithm: algorithm,
            settings: settings, lastingPaths: Set(settings.keys.filter(Self.isLasting)),
            records: records ?? Self.records(reward: 0.1 * Double(seed)), samples: samples, rollouts: rollouts)
    }

    private static func isLasting(_ path: String) -> Bool {
        !["evaluation.", "nodes.", "protocol.", "run.steps"].contains { path.hasPrefix($0) }
    }

    static func event(_ name: String, at time: Double) -> RunRecord {
        RunRecord(kind: .event, time: time, step: GlobalStep(0), notes: ["event": name])
    }

    static func step(_ step: UInt64, at time: Double = 0, _ values: MetricValues) -> RunRecord {
        RunRecord(kind: .step, time: time, step: GlobalStep(step), values: values)
    }

    static func evaluation(_ step: UInt64, _ values: MetricValues) -> RunRecord {
        RunRecord(kind: .evaluation, time: 0, step: GlobalStep(step), values: values)
    }

    /// Four steps with every metric the figures know, and an evaluation at either end.
    static func records(reward: Double) -> [RunRecord] {
        let scores = ["greedy_accuracy", "mean", "pass_at_1", "pass_at_4", "worst_at_4"]
        func scored(_ step: UInt64, _ value: Double) -> RunRecord {
            var values: MetricValues = ["problems": 12.0, "samples": 4]
            for score in scores {
                values[MetricKey(name: score)] = value
                values[MetricKey(name: score + "_low")] = value - 0.05
                values[MetricKey(name: score + "_high")] = value + 0.05
            }
            return Self.evaluation(step, values)
        }
        let names = [
            "reward", "reward_std", "pass_at_k", "groups_with_advantage", "response_tokens_mean", "truncated_share",
            "temperature_at_0", "temperature_at_1", "temperature_at_2", "entropy", "entropy_sampled", "gradient_norm",
            "importance_mean", "importance_max", "importance_truncated_share", "effective_sample_share",
            "clip_fraction_low", "clip_fraction_high", "kl_to_old", "step_seconds", "generation_tokens_per_second",
            "training_tokens_per_second", "idle_share_learner", "idle_share_workers",
        ]
        let steps = (0..<4).map { step in
            Self.step(
                step, MetricValues(names.map { (MetricKey(name: $0), reward + 0.05 * Double(step)) }))
        }
        return [Self.event("started", at: 0), scored(0, reward)] + steps
            + [scored(4, reward + 0.3), Self.event("finished", at: 90)]
    }
}
