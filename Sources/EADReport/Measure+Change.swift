import EADCore
import EADEvaluation
import EADTelemetry

extension Measure {
    /// How much a run's evaluation changed between two steps, on the problems that both asked; nil where a problem's own
    /// figure is not known.
    func change(of run: ReportedRun, from first: UInt64, to last: UInt64) -> PairedDifference? {
        let (before, after) = (self.problemValues(of: run, at: first), self.problemValues(of: run, at: last))
        let factor = self.metric.unit.axis.factor
        let pairs = Set(before.keys).intersection(after.keys).sorted().compactMap { problem -> (Double, Double)? in
            guard let old = before[problem], let new = after[problem] else { return nil }
            return (old * factor, new * factor)
        }
        return PairedDifference(pairs)
    }

    /// The figure of each problem, from the responses that were kept.
    private func problemValues(of run: ReportedRun, at step: UInt64) -> [UInt64: Double] {
        let samples = Dictionary(grouping: run.samples[step] ?? [], by: \.problem)
        let catalogue = MetricCatalogue.shared
        if self.metric == catalogue.greedyAccuracy {
            return samples.compactMapValues { $0.first(where: \.isGreedy)?.reward }
        }
        let drawn = samples.mapValues { $0.filter { !$0.isGreedy }.compactMap(\.reward) }.filter { !$0.value.isEmpty }
        if self.metric == catalogue.sampledMean {
            return drawn.mapValues { $0.reduce(0, +) / Double($0.count) }
        }
        func estimates(_ size: Int) -> [UInt64: SubsetEstimate] {
            drawn.filter { $0.value.count >= size }.mapValues { rewards in
                SubsetEstimate(samples: rewards.count, correct: rewards.count { $0 >= 1 }, size: size)
            }
        }
        if let size = catalogue.passAt.number(in: self.metric.key) { return estimates(size).mapValues(\.pass) }
        if let size = catalogue.worstAt.number(in: self.metric.key) { return estimates(size).mapValues(\.worst) }
        return [:]
    }
}
