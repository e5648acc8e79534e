package import EADCore
import EADTelemetry

/// The figures of one evaluation.
///
/// A response is correct when its reward is at least 1. One without a score counts nowhere: a problem with fewer than K
/// scored samples has no figures at K. Figures that no problem has are left out: greedy ones without greedy responses,
/// sampled ones without samples, `maj_at_K` when no response has a prediction.
package struct EvaluationStatistics: Hashable, Sendable {
    package let values: MetricValues

    /// - Parameter problems: At least one, each with the same number of sampled responses (at most 1024).
    package init(_ problems: [GradedProblem]) {
        precondition(!problems.isEmpty, "an evaluation has problems")
        let samples = problems[0].samples.count { !$0.greedy }
        precondition(
            problems.allSatisfy { $0.samples.count { !$0.greedy } == samples },
            "every problem is answered equally often")
        let drawn = problems.map(\.drawn)
        var columns: [Column] = []
        let catalogue = MetricCatalogue.shared
        func add(_ metric: Metric, _ value: (Int) -> Double?) {
            let column = Column(metric: metric, values: problems.indices.map(value))
            if column.mean != nil { columns.append(column) }
        }
        add(catalogue.greedyAccuracy) { problems[$0].greedy.map { Double($0.reward) } }
        add(catalogue.strictGreedyAccuracy) { problems[$0].greedy.map { Double($0.strictReward) } }
        add(catalogue.evaluatedTokensMean) { problem in
            let counted = problems[problem].samples.filter { samples == 0 || !$0.greedy }
            return Self.mean(counted.map { Double($0.tokens) })
        }
        add(catalogue.sampledMean) { Self.mean(drawn[$0].map { Double($0.reward) }) }
        add(catalogue.strictSampledMean) { Self.mean(drawn[$0].map { Double($0.strictReward) }) }
        let hasPredictions = drawn.contains { $0.contains { $0.prediction != nil } }
        let majorities = drawn.map { hasPredictions && !$0.isEmpty ? MajorityVote($0).expectations : [] }
        for size in Self.sizes(upTo: samples) {
            let estimates = drawn.map { drawn in
                drawn.count >= size
                    ? SubsetEstimate(samples: drawn.count, correct: drawn.count { $0.isCorrect }, size: size) : nil
            }
            add(catalogue.passAt[size]) { estimates[$0]?.pass }
            add(catalogue.worstAt[size]) { estimates[$0]?.worst }
            add(catalogue.majorityAt[size]) { majorities[$0].count >= size ? majorities[$0][size - 1] : nil }
            add(catalogue.bootstrapBestAt[size]) { estimates[$0]?.bootstrapBest }
            add(catalogue.bootstrapWorstAt[size]) { estimates[$0]?.bootstrapWorst }
        }
        var values = MetricValues()
        values[\.evaluatedProblems] = Double(problems.count)
        values[\.evaluatedSamples] = Double(samples)
        values[\.unscoredResponses] = Double(problems.flatMap(\.samples).count { $0.verdict == nil })
        for column in columns { values[column.metric.key] = column.mean }
        let wanted = columns.filter(\.metric.hasInterval)
        for (column, interval) in zip(wanted, ProblemBootstrap.intervals(wanted.map(\.values))) {
            values[column.metric.lowKey] = interval.low
            values[column.metric.highKey] = interval.high
        }
        self.values = values
    }

    /// One figure of each problem that has it.
    private struct Column {
        var metric: Metric
        var values: [Double?]

        var mean: Double? { EvaluationStatistics.mean(self.values.compactMap { $0 }) }
    }

    /// The k that figures are given for: the powers of two up to n, and n.
    package static func sizes(upTo samples: Int) -> [Int] {
        guard samples > 0 else { return [] }
        var sizes = [1]
        while let last = sizes.last, last * 2 <= samples { sizes.append(last * 2) }
        return sizes.last == samples ? sizes : sizes + [samples]
    }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}

extension Verdict {
    var isCorrect: Bool { self.reward >= 1 }
}

extension MajorityVote {
    init(_ verdicts: [Verdict]) { self.init(verdicts.map { ($0.prediction, $0.isCorrect) }) }
}
