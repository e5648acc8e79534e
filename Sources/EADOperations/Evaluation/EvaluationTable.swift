import EADCore
package import EADMessages
import EADTelemetry

/// Evaluations side by side, a row per figure, with 95 % intervals; two fit 80 columns.
package struct EvaluationTable {
    package let text: String

    /// - Parameter columns: The reports and what they are called.
    /// - Parameter sizes: The k of the rows.
    package init(_ columns: [(title: String, report: EvaluationReport)], sizes: [Int]) {
        let metrics = MetricCatalogue.metrics(in: .evaluation, numbers: sizes)
        var rows = [[Self.heading(columns.map(\.report))] + columns.map(\.title)]
        for metric in metrics where columns.contains(where: { $0.report.values[metric.key] != nil }) {
            guard let title = metric.title else { continue }
            rows.append([title] + columns.map { Self.cell($0.report.values, metric) })
        }
        self.text = StatusTable.align(rows)
    }

    private static func heading(_ reports: [EvaluationReport]) -> String {
        guard let report = reports.last else { return "" }
        return "\(report.problems) problems" + (report.samples > 0 ? " x \(report.samples)" : "")
    }

    /// `41.2 % (31.4-51.0)`
    private static func cell(_ values: MetricValues, _ metric: Metric) -> String {
        guard let value = values[metric.key] else { return "-" }
        guard metric.unit == .share else { return value.text(decimals: 1) }
        guard let interval = values.interval(of: metric) else { return self.percent(value) }
        let ends = [interval.lowerBound, interval.upperBound].map { ($0 * 100).text(decimals: 1) }
        return "\(self.percent(value)) (\(ends[0])-\(ends[1]))"
    }

    static func percent(_ value: Double) -> String { (value * 100).text(decimals: 1) + " %" }

    /// The figures of one evaluation in a line.
    static func line(_ report: EvaluationReport) -> String {
        report.values.summary(ofPolicy: report.version, problems: report.problems, samples: report.samples)
    }
}
