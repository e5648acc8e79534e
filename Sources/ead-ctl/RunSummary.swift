import EADConfiguration
import EADCore
import EADMessages

/// The table at the end of a finished run.
struct RunSummary {
    let text: String

    init(_ status: StatusReply, last: StepReport?, configuration: ClusterConfiguration) {
        func percent(_ value: Float) -> String { StatusTable.number(Double(value) * 100, 1) + " %" }
        var rows = [["held-out", "greedy", "strict", "sampled", "pass@k"]]
        for report in status.evaluations {
            rows.append([
                "policy \(report.version)", percent(report.greedyAccuracy), percent(report.strictGreedyAccuracy),
                percent(report.sampledAccuracy), percent(report.passAtK),
            ])
        }
        var lines = [
            "",
            "finished \(status.step) steps in \(StatusTable.duration(status.elapsedMilliseconds)), run \(status.run)",
        ]
        if rows.count > 1 { lines.append(StatusTable.align(rows)) }
        if let last { lines.append("final weights (SHA-256) \(last.rootHash.hexadecimal)") }
        lines.append("run directory \(configuration.run.directory)")
        self.text = lines.joined(separator: "\n")
    }
}
