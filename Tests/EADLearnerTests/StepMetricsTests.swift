import EADAlgorithms
import EADCore
import EADMessages
import EADTestKit
import Testing

@testable import EADLearner

@Suite struct StepMetricsTests {
    private func metrics(_ groups: [RolloutGroup], updates: StepUpdates) -> MetricValues {
        let batches = StepPlanTests.plan(2).miniBatches(of: groups, step: GlobalStep(0))
        return StepMetrics(groups: groups, batches: batches, updates: updates, seconds: 2).values
    }

    /// By hand: rewards [1 0 0] [1 1 1] [0 0 0] [0 1 1], lengths 2 3 4, temperature 1 / (t + 1), entropies t + 1 and twice it.
    @Test func rewardsAndResponsesAreSummarised() {
        let metrics = self.metrics(StepPlanTests.groups, updates: StepUpdates(hasReference: false))
        let expected: MetricValues = [
            "reward": 0.5, "reward_std": (2.0 / 9).squareRoot() / 2, "pass_at_k": 0.75, "groups_solved": 0.25,
            "groups_failed": 0.25, "groups_with_advantage": 2, "response_tokens": 36, "response_tokens_mean": 3,
            "response_tokens_max": 4, "truncated_share": 1.0 / 3, "entropy": 19.0 / 9, "entropy_sampled": 38.0 / 9,
            "temperature_mean": (1 + 1 + 1 + 1.5 + 2.0 / 3 + 0.25) / 9, "temperature_at_0": 1, "temperature_at_1": 0.5,
            "temperature_at_2": 1.0 / 3, "training_seconds": 2, "training_tokens_per_second": 11,
        ]
        for (name, value) in expected {
            let found = metrics[name] ?? .nan
            #expect(abs(found - value) < 1e-6, "\(name): \(found) instead of \(value)")
        }
        #expect(metrics["temperature_at_4"] == nil && metrics["kl_to_reference"] == nil)
    }

    /// ln 2 more likely in the first mini-batch, ln 2 less likely in the second, where the weights have changed.
    @Test func updatesAreSummarisedOverTheStep() {
        func objective(_ logRatio: Float) -> ObjectiveMetrics {
            var trace = TokenTrace.filled([1, 2])
            for column in [TokenTrace.Column.policyLogProb, .behaviourLogProb] { trace[column] = [-1, -1] }
            var batch = TokenBatch()
            batch.append(promptTokens: [1], responses: [trace])
            batch.advantages = [1]
            let measured = TokenMeasurements(logProbs: [-1 + logRatio, -1])
            return PolicyObjective(AlgorithmConfiguration()).evaluate(
                batch, measured, totals: BatchTotals(of: batch)
            ).metrics
        }
        let double = Float(0.693_147_2)
        var updates = StepUpdates(hasReference: true)
        updates.add(ObjectiveMetrics(), norm: nil, recordedDifference: nil)
        updates.add(objective(double), norm: 3, recordedDifference: Double(double))
        updates.add(objective(-double), norm: 5, recordedDifference: 2 * Double(double))
        let metrics = self.metrics(StepPlanTests.groups, updates: updates)
        let expected: MetricValues = [
            "gradient_norm": 8.0 / 3, "loss": -(1.1 + 0.75) / 3, "logprob_diff_max": Double(double),
            "ratio_mean": 4.5 / 4, "ratio_max": 2, "kl_to_old": 0.5 / 4, "clip_fraction_high": 0.25,
            "clip_fraction_low": 0, "clip_fraction_dual": 0, "importance_mean": 1, "importance_max": 1,
            "importance_truncated_share": 0, "rejected_share": 0, "effective_sample_share": 1, "kl_to_reference": 0,
        ]
        for (name, value) in expected {
            let found = metrics[name] ?? .nan
            #expect(abs(found - value) < 1e-6, "\(name): \(found) instead of \(value)")
        }
    }

    @Test func whatWasNotMeasuredIsNotZero() {
        let unscored = self.metrics([], updates: StepUpdates(hasReference: true))
        #expect(unscored == ["groups_with_advantage": 0, "training_seconds": 2])
        // Groups with equal rewards have responses, and no gradient.
        var updates = StepUpdates(hasReference: false)
        updates.add(ObjectiveMetrics(), norm: nil, recordedDifference: nil)
        let equal = self.metrics([StepPlanTests.groups[1]], updates: updates)
        #expect(equal["reward"] == 1 && equal["reward_std"] == 0 && equal["groups_with_advantage"] == 0)
        for name in ["loss", "gradient_norm", "logprob_diff_max", "ratio_mean", "training_tokens_per_second"] {
            #expect(equal[MetricKey(name: name)] == nil, "\(name)")
        }
    }
}
