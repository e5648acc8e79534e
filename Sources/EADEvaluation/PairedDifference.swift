/// By how much a figure differs between two evaluations of the same problems.
///
/// Problems differ more than policies do: the interval of the differences, problem by problem, is narrower than that of
/// either figure, and is the one that tells whether anything changed.
package struct PairedDifference: Hashable, Sendable {
    /// Of the second minus the first.
    package let mean: Double
    /// The central 95 % of the mean over problems drawn with replacement.
    package let low: Double
    package let high: Double

    /// - Parameter pairs: The figures of each problem; nil comes of none.
    package init?(_ pairs: [(Double, Double)]) {
        guard !pairs.isEmpty else { return nil }
        let differences = pairs.map { $1 - $0 }
        self.mean = differences.reduce(0, +) / Double(differences.count)
        let interval = ProblemBootstrap.intervals([differences])[0]
        self.low = interval.low
        self.high = interval.high
    }
}
