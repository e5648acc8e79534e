import EADEvaluation
package import EADMessages

/// Evaluations side by side, a row per figure, with 95 % intervals; two fit 80 columns.
package struct EvaluationTable {
    package let text: String

    /// - Parameter columns: The reports and what they are called.
    /// - Parameter sizes: The k of the rows.
    package init(_ columns: [(title: String, report: EvaluationReport)], sizes: [Int]) {
        var names = [("greedy", "greedy_accuracy"), ("greedy, strict form", "strict_greedy_accuracy")]
        names += [("mean", "mean"), ("mean, strict form", "strict_mean")]
        for (label, name) in [("pass", "pass"), ("worst", "worst"), ("maj", "maj")] {
            names += sizes.map { ("\(label)@\($0)", "\(name)_at_\($0)") }
        }
        var rows = [[Self.heading(columns.map(\.report))] + columns.map(\.title)]
        for (label, name) in names where columns.contains(where: { $0.report.values[name] != nil }) {
            rows.append([label] + columns.map { Self.cell($0.report, name) })
        }
        rows.append(
            ["tokens per response"]
                + columns.map { $0.report.values["response_tokens_mean"].map { StatusTable.number($0, 1) } ?? "-" })
        self.text = StatusTable.align(rows)
    }

    private static func heading(_ reports: [EvaluationReport]) -> String {
        guard let report = reports.last else { return "" }
        return "\(report.problems) problems" + (report.samples > 0 ? " x \(report.samples)" : "")
    }

    /// `41.2 % (31.4-51.0)`
    private static func cell(_ report: EvaluationReport, _ name: String) -> String {
        guard let value = report.values[name] else { return "-" }
        guard let low = report.values[name + "_low"], let high = report.values[name + "_high"] else {
            return self.percent(value)
        }
        return "\(self.percent(value)) (\(StatusTable.number(low * 100, 1))-\(StatusTable.number(high * 100, 1)))"
    }

    static func percent(_ value: Double) -> String { StatusTable.number(value * 100, 1) + " %" }

    /// The figures of one evaluation in a line.
    static func line(_ report: EvaluationReport) -> String {
        let names = [
            ("greedy", "greedy_accuracy"), ("mean", "mean"), ("pass@\(report.samples)", "pass_at_\(report.samples)"),
            ("worst@\(report.samples)", "worst_at_\(report.samples)"),
            ("maj@\(report.samples)", "maj_at_\(report.samples)"),
        ]
        let figures = names.compactMap { label, name in
            report.values[name].map { "\(label) \(self.percent($0))" }
        }
        return "held-out, policy \(report.version): \(figures.joined(separator: ", ")) of \(report.problems) problems"
    }
}
