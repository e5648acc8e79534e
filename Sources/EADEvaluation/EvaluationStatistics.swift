import EADCore

/// The figures of one evaluation, by name; docs/metrics.md defines them.
///
/// A response is correct when its reward is at least 1. One without a score counts nowhere: a problem with fewer than K
/// scored samples has no figures at K. Figures that no problem has are left out: greedy ones without greedy responses,
/// sampled ones without samples, `maj_at_K` when no response has a prediction.
package struct EvaluationStatistics: Hashable, Sendable {
    /// `pass_at_8` and so on; a name ending in `_low` or `_high` is an end of the 95 % interval of the name before it.
    package let values: [String: Double]

    /// - Parameter problems: At least one, each with the same number of sampled responses (at most 1024).
    package init(_ problems: [GradedProblem]) {
        precondition(!problems.isEmpty, "an evaluation has problems")
        let samples = problems[0].samples.count { !$0.greedy }
        precondition(
            problems.allSatisfy { $0.samples.count { !$0.greedy } == samples },
            "every problem is answered equally often")
        let drawn = problems.map(\.drawn)
        var columns: [Column] = []
        func add(_ name: String, interval: Bool = false, _ value: (Int) -> Double?) {
            let column = Column(name: name, hasInterval: interval, values: problems.indices.map(value))
            if column.mean != nil { columns.append(column) }
        }
        add("greedy_accuracy", interval: true) { problems[$0].greedy.map { Double($0.reward) } }
        add("strict_greedy_accuracy") { problems[$0].greedy.map { Double($0.strictReward) } }
        add("response_tokens_mean") { problem in
            let counted = problems[problem].samples.filter { samples == 0 || !$0.greedy }
            return Self.mean(counted.map { Double($0.tokens) })
        }
        add("mean", interval: true) { Self.mean(drawn[$0].map { Double($0.reward) }) }
        add("strict_mean") { Self.mean(drawn[$0].map { Double($0.strictReward) }) }
        let hasPredictions = drawn.contains { $0.contains { $0.prediction != nil } }
        let majorities = drawn.map { hasPredictions && !$0.isEmpty ? MajorityVote($0).expectations : [] }
        for size in Self.sizes(upTo: samples) {
            let estimates = drawn.map { drawn in
                drawn.count >= size
                    ? SubsetEstimate(samples: drawn.count, correct: drawn.count { $0.isCorrect }, size: size) : nil
            }
            add("pass_at_\(size)", interval: true) { estimates[$0]?.pass }
            add("worst_at_\(size)", interval: true) { estimates[$0]?.worst }
            add("maj_at_\(size)", interval: true) { majorities[$0].count >= size ? majorities[$0][size - 1] : nil }
            add("bootstrap_best_at_\(size)") { estimates[$0]?.bootstrapBest }
            add("bootstrap_worst_at_\(size)") { estimates[$0]?.bootstrapWorst }
        }
        var values: [String: Double] = ["problems": Double(problems.count), "samples": Double(samples)]
        values["unscored_responses"] = Double(problems.flatMap(\.samples).count { $0.verdict == nil })
        for column in columns { values[column.name] = column.mean }
        let wanted = columns.filter(\.hasInterval)
        for (column, interval) in zip(wanted, ProblemBootstrap.intervals(wanted.map(\.values))) {
            values[column.name + "_low"] = interval.low
            values[column.name + "_high"] = interval.high
        }
        self.values = values
    }

    /// One figure of each problem that has it.
    private struct Column {
        var name: String
        var hasInterval: Bool
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
