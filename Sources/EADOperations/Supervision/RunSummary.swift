import EADCore
import EADMessages
import EADObservation

/// The table at the end of a finished run.
package struct RunSummary: Sendable {
    package let text: String
    /// Whether something is wrong with the run although it is finished.
    package let isDegraded: Bool

    /// - Parameters:
    ///   - first: The step the run was at when it was seen first.
    ///   - evaluations: In the order they were made; the first and the last planned one are shown.
    ///   - samples: Responses per problem in a planned evaluation.
    ///   - directory: The run's.
    init(
        _ status: StatusReply, from first: GlobalStep, evaluations: [EvaluationReport], last: StepReport?, samples: Int,
        directory: String
    ) {
        let planned = evaluations.filter { Int($0.samples) == samples }
        let shown = [planned.first, planned.count > 1 ? planned.last : nil].compactMap { $0 }
        var lines = ["", "\(Self.work(status, from: first)), run \(status.run)"]
        if !shown.isEmpty {
            let table = EvaluationTable(
                shown.map { ("policy \($0.version)", $0) }, sizes: samples > 1 ? [samples] : [])
            lines += ["", table.text, ""]
        }
        if let last { lines.append("final weights (SHA-256) \(last.rootHash.hexadecimal)") }
        lines.append("run directory \(directory)")
        lines += status.troubles.map { "degraded: \($0)" }
        self.text = lines.joined(separator: "\n")
        self.isDegraded = !status.isHealthy
    }

    /// What this process of the controller has done, and how long it took: the rest was there before.
    static func work(_ status: StatusReply, from first: GlobalStep) -> String {
        let time = StatusTable.duration(status.elapsedMilliseconds)
        if first >= status.step { return "finished before: all \(status.step) steps were trained already" }
        if first == GlobalStep(0) { return "finished \(status.step) steps in \(time)" }
        return "finished the last \(status.step.rawValue - first.rawValue) of \(status.step) steps in \(time)"
    }
}
