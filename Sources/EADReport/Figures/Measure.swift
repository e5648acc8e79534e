import EADCore
import EADTelemetry

/// A metric as a panel shows it.
struct Measure: Hashable, Sendable {
    let metric: Metric
    let title: String

    init(_ metric: Metric, title: String? = nil) {
        self.metric = metric
        self.title = title ?? metric.panel?.title ?? metric.title ?? metric.key.name
    }

    init(_ metric: KeyPath<MetricCatalogue, Metric>) { self.init(MetricCatalogue.shared[keyPath: metric]) }

    init(_ metric: KeyPath<MetricCatalogue, IndexedMetric>, _ number: Int) {
        self.init(MetricCatalogue.shared[keyPath: metric][number])
    }

    /// The metrics that have their panels in a figure.
    static func panels(of figure: MetricPanel.Figure) -> [Measure] {
        MetricCatalogue.all.filter { $0.panel?.figure == figure }.map { Measure($0) }
    }

    var name: String { self.metric.key.name }
    var unit: String { self.metric.unit.axis.symbol }
    /// The record that holds it is an evaluation's; otherwise it is a step's.
    var isEvaluated: Bool { self.metric.group.scope == .evaluation }
    private var isShare: Bool { self.metric.unit == .share }

    func values(of run: ReportedRun) -> [UInt64: Double] {
        (self.isEvaluated ? run.evaluations : run.steps).compactMapValues {
            $0[self.metric.key].map { $0 * self.metric.unit.axis.factor }
        }
    }

    /// The 95 % bootstrap interval of an evaluation.
    func interval(of run: ReportedRun, at step: UInt64) -> ClosedRange<Double>? {
        guard self.isEvaluated, let interval = run.evaluations[step]?.interval(of: self.metric) else { return nil }
        let factor = self.metric.unit.axis.factor
        return interval.lowerBound * factor...interval.upperBound * factor
    }

    /// The panel of the metric; nil when no run has it.
    func chart(_ arms: [Arm], xRange: ClosedRange<Double>, labels: Chart.Labels) -> Chart? {
        let counts = arms.flatMap { $0.runs.map { self.values(of: $0).count } }
        guard counts.contains(where: { $0 > 0 }) else { return nil }
        let few = counts.reduce(0, +) <= ArmSeries.mostPoints
        let series = arms.map { arm in
            ArmSeries(
                arm, values: self.values, interval: self.interval, pointsAreLarge: self.isEvaluated,
                showsPoints: few, unit: self.unit
            ).series
        }
        return Chart(
            title: self.title, unit: self.unit, xRange: xRange, bounds: self.isShare ? 0...100 : nil,
            minimumSpan: self.isShare ? 10 : 0, series: series, labels: labels)
    }
}
