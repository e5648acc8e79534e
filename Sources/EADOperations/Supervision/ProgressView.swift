import EADCore
import EADMessages
import EADObservation
import EADTelemetry

/// What `ead-ctl up` and `watch` show while a run goes on: a line per step, and on a terminal lines that live.
struct ProgressView: Sendable {
    private typealias Column = (key: MetricKey, column: MetricColumn)

    private static let columns: [Column] = MetricCatalogue.all.compactMap { metric in
        metric.column.map { (metric.key, $0) }
    }
    /// What stands before the figures, and room for the time that is left.
    private static let place = 7
    private static let left = 12
    /// Steps from before the run was seen first that a screen begins with.
    static let stepsBefore = 20

    private let terminal: Terminal
    private var living: LivingText
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
    /// Of all steps told, by what a trend is drawn of.
    private var trends = [
        Trend("reward", MetricCatalogue.shared.reward, decimals: 3),
        Trend("entropy", MetricCatalogue.shared.entropy, decimals: 3),
    ]
    private var silentSince: ContinuousClock.Instant?
    /// Of the status shown last.
    private var troubles: [String] = []

    init(terminal: Terminal = .standard) {
        self.terminal = terminal
        self.living = LivingText(terminal)
    }

    /// - Parameter status: Nil when the controller did not answer.
    mutating func show(_ status: StatusReply?, now: ContinuousClock.Instant = .now) {
        guard let status else {
            let since = self.silentSince ?? now
            self.silentSince = since
            let seconds = since.duration(to: now).components.seconds
            if seconds >= 3 { self.living.show(["waiting for the controller since \(seconds) s"]) }
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
        if status.step < self.nextStep { self.goBack(to: status) }
        self.show(steps: status.steps.filter { $0.step >= self.nextStep }, of: status)
        for trouble in status.troubles where !self.troubles.contains(trouble) { self.say("warning: \(trouble)") }
        self.troubles = status.troubles
        self.living.show(self.panel(status))
    }

    /// A run whose learner lost its last steps trains them again.
    private mutating func goBack(to status: StatusReply) {
        self.say("the run is back at \(status.trainedSteps) steps")
        self.nextStep = status.step
        for index in self.trends.indices { self.trends[index].forget(from: status.step) }
    }

    private mutating func show(steps: [StepReport], of status: StatusReply) {
        var hidden = steps[..<steps.startIndex]
        if self.lastReport == nil, self.terminal.size != nil { hidden = steps.dropLast(Self.stepsBefore) }
        for report in hidden { self.count(report) }
        if let first = hidden.first, let last = hidden.last {
            self.say("steps \(first.step.next) to \(last.step.next) are above what is shown here")
        }
        for report in steps[hidden.endIndex...] { self.step(report, of: status) }
    }

    /// The lines that live: the state, how rewards and entropies went, and who does what.
    private func panel(_ status: StatusReply) -> [String] {
        guard let size = self.terminal.size else { return [] }
        let trends = Trend.lines(self.trends, width: size.columns - 1)
        let table = MemberPanel(status.members, width: size.columns - 1, rows: size.rows / 2 - 2)
        return [self.liveLine(status)] + trends + table.lines
    }

    mutating func say(_ text: String) {
        self.finishLine()
        self.terminal.show(text)
    }

    /// Erases the living lines.
    mutating func finishLine() { self.living.erase() }

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
            let text = report.metrics[key].map { $0.text(decimals: column.decimals) } ?? "-"
            return "  " + String(repeating: " ", count: max(0, column.title.count - text.count)) + text
        }
        self.count(report)
        let recent = self.durations.suffix(8)
        let mean = recent.reduce(0, +) / Double(max(recent.count, 1))
        let left = Double(status.totalSteps - min(status.totalSteps, report.step.rawValue + 1)) * mean
        let place = report.trainedSteps(of: status.totalSteps)
        self.say(
            String(repeating: " ", count: max(0, Self.place - place.count)) + place + cells.joined() + "  "
                + StatusTable.duration(UInt64(max(left, 0) * 1000)))
    }

    private mutating func count(_ report: StepReport) {
        if let seconds = report.metrics[\.stepSeconds] { self.durations.append(seconds) }
        for index in self.trends.indices { self.trends[index].add(report) }
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
