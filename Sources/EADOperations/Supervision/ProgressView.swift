import EADCore
import EADMessages
import EADTelemetry

/// What `ead-ctl up` shows while a run goes on: a line per step, and on a terminal a line that lives.
struct ProgressView: Sendable {
    private typealias Column = (key: MetricKey, column: MetricColumn)

    private static let columns: [Column] = MetricCatalogue.all.compactMap { metric in
        metric.column.map { (metric.key, $0) }
    }
    /// What stands before the figures, and room for the time that is left.
    private static let place = 7
    private static let left = 12

    private let terminal: Terminal
    private(set) var nextStep = GlobalStep(0)
    /// Where the run was when it was seen first.
    private(set) var firstStep: GlobalStep?
    /// Shown so far, in the order they were made.
    private(set) var evaluations: [EvaluationReport] = []
    /// The newest report shown.
    private(set) var lastReport: StepReport?
    /// Those under the heading that is shown; nil before.
    private var columns: [Column]?
    private var durations: [Double] = []
    private var silentSince: ContinuousClock.Instant?
    /// Of the status shown last.
    private var troubles: [String] = []

    init(terminal: Terminal = .standard) { self.terminal = terminal }

    /// - Parameter status: Nil when the controller did not answer.
    mutating func show(_ status: StatusReply?, now: ContinuousClock.Instant = .now) {
        guard let status else {
            let since = self.silentSince ?? now
            self.silentSince = since
            let seconds = since.duration(to: now).components.seconds
            if seconds >= 3 { self.live("waiting for the controller since \(seconds) s") }
            return
        }
        self.silentSince = nil
        self.firstStep = min(self.firstStep ?? status.step, status.step)
        // A run that went back evaluates again.
        self.evaluations.removeAll { $0.version > status.step.startVersion }
        for report in status.evaluations where !self.isShown(report) {
            self.say(EvaluationTable.line(report))
            self.evaluations.append(report)
        }
        for report in status.steps where report.step >= self.nextStep { self.step(report, of: status) }
        for trouble in status.troubles where !self.troubles.contains(trouble) { self.say("warning: \(trouble)") }
        self.troubles = status.troubles
        self.live(self.liveLine(status))
    }

    func say(_ text: String) {
        self.finishLine()
        self.terminal.show(text)
    }

    /// Erases the living line.
    func finishLine() { self.terminal.eraseLive() }

    private func live(_ text: String) { self.terminal.showLive(text) }

    /// As many columns as a line has room for.
    private var fittingColumns: [Column] {
        guard let width = self.terminal.width else { return Self.columns }
        return FittedTable.fitting(Self.columns, dropRank: \.column.dropRank) { columns in
            columns.reduce(Self.place + 2 + Self.left) { $0 + 2 + $1.column.title.count } <= width
        }
    }

    private mutating func step(_ report: StepReport, of status: StatusReply) {
        let columns = self.columns ?? self.fittingColumns
        if self.columns == nil {
            self.columns = columns
            self.say("   step" + columns.map { "  " + $0.column.title }.joined() + "  left")
        }
        let cells = columns.map { key, column in
            let text = report.metrics[key].map { StatusTable.number($0, column.decimals) } ?? "-"
            return "  " + String(repeating: " ", count: max(0, column.title.count - text.count)) + text
        }
        if let seconds = report.metrics[\.stepSeconds] { self.durations.append(seconds) }
        let recent = self.durations.suffix(8)
        let mean = recent.reduce(0, +) / Double(max(recent.count, 1))
        let left = Double(status.totalSteps - min(status.totalSteps, report.step.rawValue + 1)) * mean
        let place = report.trainedSteps(of: status.totalSteps)
        self.say(
            String(repeating: " ", count: max(0, Self.place - place.count)) + place + cells.joined() + "  "
                + StatusTable.duration(UInt64(max(left, 0) * 1000)))
        self.nextStep = report.step.next
        self.lastReport = report
    }

    /// The table at the end of a run whose last status this was.
    func summary(of status: StatusReply, samples: Int, directory: String) -> RunSummary {
        RunSummary(
            status, from: self.firstStep ?? status.step, evaluations: self.evaluations, last: self.lastReport,
            samples: samples, directory: directory)
    }

    func liveLine(_ status: StatusReply) -> String {
        let groups = status.groupsPerStep > 0 ? ", \(status.groupsAccepted)/\(status.groupsPerStep) groups" : ""
        let wait =
            status.waitingFor.isEmpty
            ? "" : " · waits \(StatusTable.duration(status.waitingMilliseconds)) for \(status.waitingFor)"
        return "\(status.phase), \(status.trainedSteps) steps\(groups)\(wait)"
    }

    private func isShown(_ report: EvaluationReport) -> Bool {
        self.evaluations.contains { $0.version == report.version && $0.samples == report.samples }
    }
}
