import EADAlgorithms
import EADCore
import EADTelemetry

/// The measurements of one step.
struct StepMetrics {
    private(set) var values = MetricValues()

    init(groups: [RolloutGroup], batches: [MiniBatch], updates: StepUpdates, seconds: Double) {
        self.addRewards(groups, batches)
        self.addStaleness(groups)
        self.addResponses(groups.flatMap(\.rollouts))
        self.addObjective(updates)
        self.addSpeed(batches, seconds: seconds)
    }

    /// Nil of nothing: what was not measured is not 0.
    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    private mutating func addRewards(_ groups: [RolloutGroup], _ batches: [MiniBatch]) {
        let rewards = groups.map { $0.rewards.map(Double.init) }
        let deviations = rewards.compactMap { rewards in
            Self.mean(rewards).flatMap { mean in Self.mean(rewards.map { ($0 - mean) * ($0 - mean) })?.squareRoot() }
        }
        func share(_ isCounted: ([Double]) -> Bool) -> Double? { Self.mean(rewards.map { isCounted($0) ? 1 : 0 }) }
        self.values[\.reward] = Self.mean(rewards.flatMap { $0 })
        self.values[\.rewardDeviation] = Self.mean(deviations)
        self.values[\.passAtK] = share { $0.contains { $0 >= 1 } }
        self.values[\.groupsSolved] = share { $0.allSatisfy { $0 >= 1 } }
        self.values[\.groupsFailed] = share { $0.allSatisfy { $0 < 1 } }
        self.values[\.groupsWithAdvantage] = Double(batches.map(\.groupsWithAdvantage).reduce(0, +))
    }

    private mutating func addStaleness(_ groups: [RolloutGroup]) {
        let ages = groups.map { $0.id.step.startVersion.rawValue - $0.policyVersion.rawValue }
        self.values[\.stalenessMean] = Self.mean(ages.map { Double($0) })
        for age in 0...(ages.max() ?? 0) {
            self.values[\.stalenessShare, Int(age)] = Self.mean(ages.map { $0 == age ? 1 : 0 })
        }
        var (tokens, tokenAges) = (0, 0.0)
        for group in groups {
            let step = group.id.step.startVersion.rawValue
            for run in group.rollouts.indices.flatMap(group.runs) {
                tokens += run.tokens
                tokenAges += Double(step - run.version.rawValue) * Double(run.tokens)
            }
        }
        if tokens > 0 { self.values[\.stalenessTokenMean] = tokenAges / Double(tokens) }
        self.values[\.mixedShare] = Self.mean(groups.flatMap(\.rollouts).map { $0.runs.isEmpty ? 0 : 1 })
    }

    private mutating func addResponses(_ rollouts: [Rollout]) {
        let lengths = rollouts.map { Double($0.trace.count) }
        func mean(_ column: TokenTrace.Column) -> Double? {
            Self.mean(rollouts.flatMap { $0.trace[column].map(Double.init) })
        }
        guard let longest = rollouts.map(\.trace.count).max() else { return }
        self.values[\.responseTokens] = lengths.reduce(0, +)
        self.values[\.responseTokensMean] = Self.mean(lengths)
        self.values[\.responseTokensMax] = Double(longest)
        self.values[\.truncatedShare] = Self.mean(rollouts.map { $0.finish == .length ? 1 : 0 })
        self.values[\.entropy] = mean(.policyEntropy)
        self.values[\.entropySampled] = mean(.behaviourEntropy)
        self.values[\.temperatureMean] = mean(.temperature)
        for position in [0] + sequence(first: 1, next: { $0 * 2 }).prefix(while: { $0 < longest }) {
            let reached = rollouts.compactMap { $0.trace[.temperature].dropFirst(position).first.map(Double.init) }
            self.values[\.temperatureAt, position] = Self.mean(reached)
        }
    }

    private mutating func addObjective(_ updates: StepUpdates) {
        guard !updates.norms.isEmpty else { return }
        let objective = updates.objective
        self.values[\.loss] = updates.loss
        self.values[\.gradientNorm] = updates.gradientNorm
        self.values[\.logProbDifferenceMax] = updates.recordedDifference
        self.values[\.ratioMean] = objective.ratioMean
        self.values[\.ratioMax] = objective.ratioMax
        self.values[\.klToOld] = objective.approximateKLLowVariance
        self.values[\.clipFractionLow] = objective.clipFractionLow
        self.values[\.clipFractionHigh] = objective.clipFractionHigh
        self.values[\.clipFractionDual] = objective.clipFractionDual
        self.values[\.importanceMean] = objective.importanceMean
        self.values[\.importanceMax] = objective.importanceMax
        self.values[\.importanceTruncatedShare] = objective.truncatedFraction
        self.values[\.rejectedShare] = objective.rejectedFraction
        self.values[\.effectiveSampleShare] = objective.effectiveSampleShare
        if updates.hasReference { self.values[\.klToReference] = objective.referenceKL }
    }

    private mutating func addSpeed(_ batches: [MiniBatch], seconds: Double) {
        let trained = batches.map(\.useful.computedTokens).reduce(0, +)
        self.values[\.trainingSeconds] = seconds
        if trained > 0 { self.values[\.trainingTokensPerSecond] = Double(trained) / max(seconds, 1e-9) }
    }
}
