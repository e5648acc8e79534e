import EADCore
import EADTelemetry

extension FigureMaker {
    /// The largest K for which the runs report pass_at_K, all of them if there is such a K; nil when there is none.
    var samplesCounted: Int? {
        let sets = self.arms.flatMap(\.runs).filter { !$0.evaluations.isEmpty }.map { run in
            Set(run.evaluations.values.flatMap { $0.numbers(of: \.passAt) })
        }
        guard let first = sets.first else { return nil }
        let common = sets.dropFirst().reduce(first) { $0.intersection($1) }
        return common.max() ?? sets.reduce(first) { $0.union($1) }.max()
    }

    /// Figure 2: held-out accuracy over steps.
    var accuracyFigure: Figure {
        let samples = self.samplesCounted
        let count = samples.map { "\($0)" } ?? "K"
        return self.figure(
            2, "held-out", "Held-out accuracy",
            "Share of held-out problems solved over steps: by at least one of \(count) samples (pass@\(count)), by all "
                + "of them (worst@\(count)), on average over samples, and by the greedy response.",
            [
                self.measure(\.passAt, samples), self.measure(\.worstAt, samples), Measure(\.sampledMean),
                Measure(\.greedyAccuracy),
            ])
    }

    /// Figure 4: the schedules side by side, a panel per algorithm.
    var algorithmFigure: Figure {
        let (number, name, title) = (4, "algorithms", "Schedules by algorithm")
        let algorithms = self.algorithms
        func leftOut(_ reason: String) -> Figure {
            Figure(number: number, name: name, title: title, caption: reason, charts: [])
        }
        guard algorithms.count > 1 else {
            return leftOut("Left out: all runs learn by one algorithm, \(algorithms.first ?? "none").")
        }
        guard let samples = self.samplesCounted else {
            return leftOut(Self.absence([self.measure(\.passAt, nil)]))
        }
        let measure = Measure(\.passAt, samples)
        return Figure(
            number: number, name: name, title: title,
            caption: "Share of held-out problems solved by at least one of \(samples) samples over steps, a panel per "
                + "algorithm. " + self.reading([measure]),
            charts: self.chartsByAlgorithm(measure), legend: self.scheduleLegend)
    }

    /// An indexed metric; without a number a name for what no run has.
    private func measure(_ metric: KeyPath<MetricCatalogue, IndexedMetric>, _ number: Int?) -> Measure {
        number.map { Measure(metric, $0) } ?? Measure(MetricCatalogue.shared[keyPath: metric].pattern)
    }
}
