import EADCore
import EADTelemetry

/// Makes the figures of a report of fine-tunings, a line for each run.
struct FineTuningFigures {
    private let runs: [ReportedFineTuning]

    init(_ runs: [ReportedFineTuning]) { self.runs = runs }

    static func style(_ index: Int) -> SeriesStyle {
        .category(colour: index, dashes: index / SeriesStyle.colours)
    }

    var all: [Figure] {
        [
            self.figure(
                1, "loss", "Loss",
                "Cross-entropy per response token, in nats: of each step's demonstrations before its update, and of those "
                    + "held out.",
                [(\.crossEntropy, false), (\.heldOutLoss, true)]),
            self.figure(
                2, "update", "Size of the update",
                "Per step: the learning rate, and the norm of the gradient before clipping.",
                [(\.learningRate, false), (\.gradientNorm, false)]),
            self.figure(
                3, "throughput", "Throughput",
                "Per step: positions of prompts and responses computed, forward and back.",
                [(\.trainingTokensPerSecond, false)]),
        ]
    }

    /// - Parameter metrics: Each with whether it is measured between steps.
    private func figure(
        _ number: Int, _ name: String, _ title: String, _ caption: String,
        _ metrics: [(metric: KeyPath<MetricCatalogue, Metric>, isEvaluated: Bool)]
    ) -> Figure {
        let charts = metrics.compactMap { self.chart(MetricCatalogue.shared[keyPath: $0.metric], $0.isEvaluated) }
        guard !charts.isEmpty else {
            let names = metrics.map { MetricCatalogue.shared[keyPath: $0.metric].key.name }
            return Figure(
                number: number, name: name, title: title,
                caption: "Left out: no record of these runs holds \(names.joined(separator: " or ")).", charts: [])
        }
        return Figure(
            number: number, name: name, title: title, caption: caption, charts: charts,
            legend: self.runs.count > 1
                ? self.runs.indices.map { Figure.Entry(label: self.runs[$0].name, style: Self.style($0)) } : [])
    }

    private func chart(_ metric: Metric, _ isEvaluated: Bool) -> Chart? {
        let series = self.runs.indices.map { index in
            let course = self.runs[index].course
            let values = (isEvaluated ? course.evaluations : course.steps).compactMap { step, values in
                values[metric.key].map { Series.Point(x: Double(step), y: $0) }
            }.sorted { $0.x < $1.x }
            let line = Series(label: self.runs[index].name, style: Self.style(index), line: values)
            guard isEvaluated else { return line }
            var dotted = line
            dotted.points = values.map {
                Series.Point(
                    x: $0.x, y: $0.y, note: "\(self.runs[index].name), step \(Int($0.x)): \(NumberText.short($0.y))")
            }
            dotted.pointsAreLarge = true
            return dotted
        }
        guard series.contains(where: { !$0.line.isEmpty }) else { return nil }
        let last = self.runs.map(\.stepsDone).max() ?? 0
        return Chart(
            title: metric.panel?.title ?? metric.key.name, unit: metric.unit.axis.symbol,
            xRange: 0...Double(max(last, 1)), series: series)
    }
}
