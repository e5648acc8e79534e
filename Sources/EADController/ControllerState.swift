package import EADCore
package import EADMessages
package import EADProtocol
import EADTelemetry

/// The controller as a value: who is in the run, which groups are leased, which step it is.
///
/// Messages and the time go in, effects come out; it performs nothing.
package struct ControllerState: Sendable {
    package typealias Effect = ControllerEffect

    /// Step reports kept for a status, whose answer has to fit a frame; the run log has all of them.
    static var reportsKept: Int { 500 }

    package var stamp: EnvelopeStamp
    package var refusals = Refusals()
    /// What its process showed last.
    var gauges = Gauges()
    let settings: ControllerSettings
    let run: RunID
    var roster: Roster
    /// Workers that only fail.
    var quarantine = Quarantine()
    /// How fast workers are.
    var paces = Paces()
    var learner = LearnerPlace.away
    /// Where training has come to, and the groups that bring it on.
    var window: TrainingWindow
    /// Since the last step.
    var exhaustion: WindowExhaustion
    /// What happens now: training, an evaluation, or the end.
    var course = Course.training
    /// An operator wants nothing to be given out; what is out goes on.
    var isPaused: Bool
    var evaluations: EvaluationBook
    var reports: [StepReport]
    var waits = Waits()
    private let damagedLines: Int
    /// What is local by path and the run's by contents, as the first who had it said.
    var contents: [String: String]
    private let lastingHash: String
    let startedAt: ContinuousClock.Instant
    var counters = MetricCounters()

    /// Starts or resumes a run.
    /// - Parameters:
    ///   - reports: The step reports of the run log, for the status of a resumed run.
    ///   - damagedLines: Lines among them that cannot be read; nothing depends on them.
    package init(
        node: NodeID, settings: ControllerSettings, snapshot: RunSnapshot, reports: [StepReport],
        damagedLines: Int = 0, now: ContinuousClock.Instant
    ) {
        self.stamp = EnvelopeStamp(sender: node, run: snapshot.run)
        self.settings = settings
        self.run = snapshot.run
        self.roster = Roster(nodes: settings.nodes, lastEpoch: snapshot.lastEpoch, liveness: settings.liveness)
        self.window = TrainingWindow(
            at: snapshot.step, curriculum: settings.curriculum, gate: settings.gate, terms: settings.terms,
            totalSteps: settings.plan.steps)
        self.exhaustion = WindowExhaustion(now: now)
        self.isPaused = snapshot.paused
        self.evaluations = EvaluationBook(snapshot)
        self.reports = reports.filter { $0.step < snapshot.step }.suffix(Self.reportsKept)
        self.damagedLines = damagedLines
        self.contents = snapshot.contents
        self.lastingHash = snapshot.configurationHash
        self.startedAt = now
        // It may have been given more steps since, or another evaluation.
        if snapshot.finished, self.isEverythingDone { self.course.finish(now: now) }
    }

    /// What has to survive this controller.
    package var snapshot: RunSnapshot {
        RunSnapshot(
            run: self.run, configurationHash: self.lastingHash, contents: self.contents, step: self.window.step,
            lastEpoch: self.roster.lastEpoch, paused: self.isPaused, finished: self.course.isFinished,
            evaluations: self.evaluations.reports, requested: self.evaluations.requested)
    }

    /// To be performed before anything else.
    package func start() -> [Effect] {
        let text = "\(self.damagedLines) lines of the run log are damaged; the run goes on without them"
        return [.persist(self.snapshot), .record(.started(self.run, resumedAt: self.window.step))]
            + (self.damagedLines > 0 ? [.tellOperator(.warning, text)] : [])
    }

    /// Takes one message. Answers go to `peer`.
    package mutating func receive(_ envelope: Envelope, from peer: Peer, now: ContinuousClock.Instant) -> [Effect] {
        if let run = envelope.run, run != self.run {
            return self.refuse(.otherRun, self.isAnotherRun(than: "\(run)"), envelope, peer)
        }
        switch envelope.message {
        case .hello(let hello):
            return self.admit(hello, envelope, peer, now)
        case .controlRequest(let request):
            // With CURVE the name was checked against the key already.
            guard envelope.sender == self.settings.control else {
                return self.refuse(.unknownNode, "\(envelope.sender) may not steer the run", envelope, peer)
            }
            guard request.runName == self.settings.runName else {
                return self.refuse(.otherRun, self.isAnotherRun(than: "“\(request.runName)”"), envelope, peer)
            }
            return self.control(request, envelope, peer, now)
        case .heartbeat, .leaseAccept, .leaseReturn, .groupsAccepted, .stepReport, .goodbye:
            switch self.roster.standing(of: envelope) {
            case .current: return self.receiveFromMember(envelope, peer, now)
            case .fenced:
                return self.refuse(
                    .fenced, "a newer process took over the name \(envelope.sender); stop this one", envelope, peer)
            case .unknown:
                return self.refuse(.notMember, "say hello first", envelope, peer)
            }
        default:
            return self.refuse(.invalid, "the controller does not take this message", envelope, peer)
        }
    }

    /// Lets time pass: deaths, expiries, offers, the end of the run.
    package mutating func tick(now: ContinuousClock.Instant) -> [Effect] {
        var effects = self.buryDead(now)
        for expired in self.expireLeases(now) {
            effects.append(self.recordExpiry(of: expired))
            let reason = expired.wasAccepted ? "held \(expired.held.group) past its deadline" : "takes no offer on"
            effects += self.countFailure(of: expired.node, reason, now)
        }
        return effects + self.advance(now)
    }

    private func isAnotherRun(than meant: String) -> String {
        "this is run “\(self.settings.runName)” (\(self.run)), not \(meant); name the cluster file of the run that is meant, "
            + "and give two clusters on one host different ports"
    }

    mutating func refuse(
        _ code: Refusal.Code, _ reason: String, _ envelope: Envelope, _ peer: Peer
    ) -> [Effect] {
        self.counters[\.messagesRefused] += 1
        return [.send(.refusal(Refusal(code: code, reason: reason)), to: peer, inReplyTo: envelope.number)]
    }
}
