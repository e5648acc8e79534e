import EADCore
import EADMessages
import EADObservation
import EADTelemetry

/// A past or present run as text for people, or as one JSON object.
package struct RunPage {
    private let run: RunDigest

    /// Steps shown; JSON has all.
    private static let stepsShown = 10

    /// - Throws: `RoleFailure`, `ConfigurationError` or `FileError` for what is no run's directory.
    package init(_ directory: String) throws { self.run = try RunDigest(RunFiles(directory)) }

    package func json() throws -> String { try JSONText.encode(self.run) }

    /// - Parameter width: Of the terminal; nil for as wide as it takes.
    package func text(width: Int?) -> String {
        let run = self.run
        var lines = ["run \(run.name)\(run.run.map { " (\($0))" } ?? ""): \(run.state.rawValue)"]
        lines.append(
            "\(run.stepsDone)/\(run.plannedSteps) steps trained in \(run.minutes.text(decimals: 1)) min, seed \(run.seed)"
        )
        if let last = run.lastRecord { lines.append("last record \(RunList.time(last))") }
        if let hash = run.steps.last?.rootHash { lines.append("weights (SHA-256) \(hash)") }
        if let checkpoint = run.checkpoints.last {
            lines.append("newest checkpoint \(run.directory)/checkpoints/\(checkpoint)")
        }
        let happened = run.events.filter { !["started", "joined", "left", "finished"].contains($0.key) }.sorted {
            $0.key < $1.key
        }
        if !happened.isEmpty { lines.append(happened.map { "\($0.key) \($0.value)" }.joined(separator: ", ")) }
        lines += run.damagedLines.map { "\($0): damaged, and left out" }
        lines = lines.flatMap { line in width.map { line.wrapped(to: $0) } ?? [line] }
        if let first = run.evaluations.first, let last = run.evaluations.last {
            let shown = first.step == last.step ? [first] : [first, last]
            let table = EvaluationTable(
                shown.map { ("policy \($0.step)", run.report($0)) }, sizes: run.samples > 1 ? [Int(run.samples)] : [])
            lines += ["", table.text]
        }
        if !run.steps.isEmpty { lines += ["", Self.table(run.steps.suffix(Self.stepsShown)).text(width: width)] }
        return lines.joined(separator: "\n")
    }

    private static func table(_ steps: ArraySlice<RunDigest.Step>) -> FittedTable {
        let metrics = MetricCatalogue.all.filter { $0.column != nil }
        let columns = metrics.compactMap { metric in
            metric.column.map { FittedTable.Column($0.title, dropRank: $0.dropRank > 0 ? $0.dropRank : nil) }
        }
        return FittedTable(
            columns: [FittedTable.Column("step")] + columns,
            rows: steps.map { step in
                ["\(step.step + 1)"]
                    + metrics.map { metric in
                        step.metrics[metric.key]?.text(decimals: metric.column?.decimals ?? 0) ?? "-"
                    }
            })
    }
}
