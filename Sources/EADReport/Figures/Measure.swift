/// A metric as a panel shows it.
struct Measure: Hashable, Sendable {
    /// The record that holds it.
    enum Source: Hashable, Sendable {
        case steps, evaluations
    }

    var name: String
    var title: String
    var source: Source
    var unit = ""
    /// What its values are multiplied by.
    var factor = 1.0
    var bounds: ClosedRange<Double>?
    var minimumSpan = 0.0

    /// A share of 1, shown in per cent.
    static func share(_ name: String, _ title: String, _ source: Source) -> Measure {
        Measure(
            name: name, title: title, source: source, unit: "%", factor: 100, bounds: 0...100, minimumSpan: 10)
    }

    static func plain(_ name: String, _ title: String, unit: String = "") -> Measure {
        Measure(name: name, title: title, source: .steps, unit: unit)
    }

    func values(of run: ReportedRun) -> [UInt64: Double] {
        (self.source == .steps ? run.steps : run.evaluations).compactMapValues {
            $0[self.name].map { $0 * self.factor }
        }
    }

    /// The 95 % bootstrap interval of an evaluation.
    func interval(of run: ReportedRun, at step: UInt64) -> ClosedRange<Double>? {
        guard self.source == .evaluations, let values = run.evaluations[step], let low = values[self.name + "_low"],
            let high = values[self.name + "_high"], low <= high
        else { return nil }
        return low * self.factor...high * self.factor
    }

    /// The panel of the metric; nil when no run has it.
    func chart(_ arms: [Arm], xRange: ClosedRange<Double>, labels: Chart.Labels) -> Chart? {
        let counts = arms.flatMap { $0.runs.map { self.values(of: $0).count } }
        guard counts.contains(where: { $0 > 0 }) else { return nil }
        let few = counts.reduce(0, +) <= ArmSeries.mostPoints
        let series = arms.map { arm in
            ArmSeries(
                arm, values: self.values, interval: self.interval, pointsAreLarge: self.source == .evaluations,
                showsPoints: few, unit: self.unit
            ).series
        }
        return Chart(
            title: self.title, unit: self.unit, xRange: xRange, bounds: self.bounds, minimumSpan: self.minimumSpan,
            series: series, labels: labels)
    }
}
