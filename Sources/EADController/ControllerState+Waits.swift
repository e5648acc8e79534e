import EADCore
import EADMessages
import EADProtocol

/// Whom the run waits for.
extension ControllerState {
    /// Nil when it waits for nobody.
    func currentWait(_ now: ContinuousClock.Instant) -> String? {
        if self.course.farewell != nil {
            let names = self.missingAtFarewell.map(\.rawValue)
            return names.isEmpty ? nil : "\(names.joined(separator: ", ")) to leave"
        }
        if self.isPaused, self.evaluations.requested == nil { return "ead-ctl resume" }
        guard self.roster.has(.learner) else { return "the learner to join" + self.roster.failures(of: .learner) }
        let source = self.currentSource
        guard let table = source.tables.first else { return "the learner to report step \(self.window.step)" }
        if table.isComplete { return "the learner to train step \(self.window.step)" }
        guard self.roster.has(.worker) else { return "a worker to join" + self.roster.failures(of: .worker) }
        let holders = source.holders.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value.count))" }
        if holders.isEmpty, self.ableWorkers(now).isEmpty, let failing = self.failingWorkers { return failing }
        return holders.isEmpty ? "a worker with room" : "groups of \(holders.joined(separator: ", "))"
    }

    /// The workers that only fail, as something to wait for; nil when there are none.
    private var failingWorkers: String? {
        let names = self.roster.members.keys.sorted().filter { self.quarantine.record(of: $0) != nil }
        return names.isEmpty
            ? nil : "a worker that succeeds; \(names.map(\.rawValue).joined(separator: ", ")) only failed"
    }

    /// Who has not said goodbye.
    ///
    /// A learner that is away has perhaps not made the last step durable: it is waited for as well.
    private var missingAtFarewell: [NodeID] {
        let isAway = self.window.step.rawValue > 0 && self.learner == .away
        let learners = isAway ? self.settings.nodes.filter { $0.value == .learner }.map(\.key) : []
        return (self.roster.members.keys + learners).sorted()
    }

    /// Ends the process once everybody left, or the farewell deadline passed.
    func exitIfAlone(_ now: ContinuousClock.Instant) -> [Effect] {
        guard let farewell = self.course.farewell else { return [] }
        let missing = self.missingAtFarewell
        if missing.isEmpty, farewell.wasShown(by: now) { return [.exit] }
        guard farewell.since + self.settings.farewell <= now else { return [] }
        let names = missing.map(\.rawValue).joined(separator: ", ")
        return [.tellOperator(.warning, "leaving although \(names) did not say goodbye"), .exit]
    }
}
