import EADCore
import EADTelemetry
import Foundation
import Testing

/// docs/metrics.md has a table per group of the catalogue, under a heading that begins with the group's title.
@Suite struct MetricsPageTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/metrics.md")

    /// The rows of every table of the page whose first column is called `name`, in order.
    private func tables() throws -> [[String]] {
        let lines = try String(contentsOf: Self.page, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        var tables: [[String]] = []
        var isInside = false
        for line in lines {
            if line.hasPrefix("| name |") {
                tables.append([])
                isInside = true
            }
            isInside = isInside && line.hasPrefix("|")
            if isInside { tables[tables.count - 1].append(String(line)) }
        }
        return tables
    }

    private func table(of group: MetricGroup) -> [String] {
        let rows = MetricCatalogue.all.filter { $0.group == group }.map { metric in
            let producers = metric.producers.map { $0 == .control ? "`ead-ctl`" : $0.rawValue }
            let unit = metric.unit == .number ? "" : metric.unit.rawValue
            return "| `\(metric.key)` | \(unit) | \(producers.joined(separator: ", ")) | \(metric.meaning)"
                + (metric.hasInterval ? ". *Interval.*" : "") + (metric.column != nil ? ". *Progress.*" : "") + " |"
        }
        return ["| name | unit | by | meaning |", "|---|---|---|---|"] + rows
    }

    @Test func everyMetricIsDocumentedWithItsUnitMeaningAndProducer() throws {
        let wanted = MetricGroup.allCases.map(self.table)
        let found = try self.tables()
        #expect(found.count == wanted.count, "a table per group, in the order of MetricGroup")
        for (group, (found, wanted)) in zip(MetricGroup.allCases, zip(found, wanted)) where found != wanted {
            Issue.record(
                "docs/metrics.md differs from the catalogue in \(group.rawValue); the table is:\n\(wanted.joined(separator: "\n"))"
            )
        }
    }
}
