package import EADCore
package import EADMessages
import EADProtocol

extension ControllerState {
    /// Evaluations told in a status, whose answer has to fit a frame; each has dozens of figures.
    private static var evaluationsTold: Int { 200 }

    /// The run as `ead-ctl status` shows it, with the reports of steps from `since` on.
    package func status(since: GlobalStep, now: ContinuousClock.Instant) -> StatusReply {
        let wait = self.waits.current
        let table = self.currentSource.tables.first
        return StatusReply(
            run: self.run, name: self.settings.runName, phase: self.phase, step: self.window.step,
            totalSteps: self.settings.plan.steps, waitingFor: wait?.what.text ?? "",
            waitingMilliseconds: wait.map { $0.elapsed(now: now).milliseconds } ?? 0,
            groupsAccepted: UInt32(table?.completeCount ?? 0), groupsPerStep: UInt32(table?.count ?? 0),
            elapsedMilliseconds: (now - self.startedAt).milliseconds, members: self.members(now),
            steps: self.reports.filter { $0.step >= since },
            evaluations: self.evaluations(since: since),
            counters: self.counters, troubles: self.troubles(now))
    }

    /// The same with what the controller's transport turned away, which the state never sees.
    package func observed(since: GlobalStep, now: ContinuousClock.Instant) -> StatusReply {
        var status = self.status(since: since, now: now)
        status.counters = status.counters + self.gauges.counters
        return status
    }

    /// A row for each learner and worker; one that is given less says why.
    private func members(_ now: ContinuousClock.Instant) -> [MemberStatus] {
        self.roster.rows(now: now).map { row in
            guard let probation = self.probation(of: row.node, now) else { return row }
            var row = row
            row.heartbeat.waitingFor = probation.text
            return row
        }
    }

    /// What is sampled now.
    var currentSource: any WorkSource { self.course.evaluation ?? self.window }

    /// Those of versions from `since` on, and those somebody asked for and may wait for.
    private func evaluations(since: GlobalStep) -> [EvaluationReport] {
        self.evaluations.reports.filter { $0.version >= since.startVersion || $0.request != 0 }
            .suffix(Self.evaluationsTold)
    }

    private var phase: StatusReply.Phase {
        switch self.course {
        case .finished: .finished
        case .stopping: .stopping
        case .evaluating: self.isPaused && self.evaluations.requested == nil ? .paused : .evaluating
        case .training: self.isPaused ? .paused : self.window.isOpen ? .training : .forming
        }
    }
}
