import EADCore
import EADMessages
import EADProtocol
import EADTelemetry

/// Failures of leases: whose they are, and when they end the run.
extension ControllerState {
    /// A worker failed a lease, did not take it on, or held it for too long.
    mutating func countFailure(of node: NodeID, _ reason: String, _ now: ContinuousClock.Instant) -> [Effect] {
        guard self.quarantine.failed(node, reason: reason, now: now) else { return [] }
        self.counters[\.quarantines] += 1
        return [
            .tellOperator(
                .warning,
                "\(node) failed \(Quarantine.limit) times in a row and is given less until it succeeds; at last: \(reason)"
            )
        ]
    }

    /// The workers that can be given a lease now, or as soon as they have room.
    func ableWorkers(_ now: ContinuousClock.Instant) -> Set<NodeID> {
        self.able(of: self.livingWorkers(now), now)
    }

    private func able(of living: Set<NodeID>, _ now: ContinuousClock.Instant) -> Set<NodeID> {
        living.filter { !self.quarantine.isKeptApart($0, now: now) }
    }

    private func poisoned(among able: Set<NodeID>) -> LeaseTable.PoisonedGroup? {
        self.course.evaluation?.poisoned(among: able) ?? self.window.poisoned(among: able)
    }

    /// Why the run cannot go on, whoever of those present would try; nil when it can.
    func reasonToGiveUp(_ now: ContinuousClock.Instant) -> String? {
        // Every message comes here, and most of the time nobody has failed. Whatever is poisoned among some is among none.
        guard !self.quarantine.isEmpty || self.poisoned(among: []) != nil else { return nil }
        // Nothing is given out at the end, and who has just died may be back soon and do better.
        guard self.course.farewell == nil, !self.isAnyWorkerExpected(now) else { return nil }
        let living = self.livingWorkers(now)
        let able = self.able(of: living, now)
        if !able.isEmpty, let poisoned = self.poisoned(among: able) {
            return "\(poisoned.group) failed \(poisoned.failures) times, at last: \(poisoned.reason)"
        }
        let names = living.sorted()
        let records = names.compactMap { self.quarantine.record(of: $0) }
        let patience = Quarantine.limit + self.settings.terms.maximumAttempts
        guard !living.isEmpty, records.count == living.count, records.allSatisfy({ $0.failures >= patience }) else {
            return nil
        }
        let words = zip(names, records).map {
            "\($0) failed \($1.failures) times in a row, at last: \($1.reason)"
        }
        return "no worker succeeds: \(words.joined(separator: "; "))"
    }

    /// Whether a worker of which nothing bad is known died so lately that the run has not waited too long for it.
    private func isAnyWorkerExpected(_ now: ContinuousClock.Instant) -> Bool {
        self.roster.fallen.contains { node, fallen in
            fallen.entry.role == .worker && self.quarantine.record(of: node) == nil
                && fallen.lastHeard + self.settings.overdueAfter > now
        }
    }

    /// Of those kept apart or on probation, what the status says they wait for.
    func probation(of node: NodeID, _ now: ContinuousClock.Instant) -> Wait? {
        guard let record = self.quarantine.record(of: node) else { return nil }
        let left = record.until.map { max(.zero, now.duration(to: $0)).components.seconds } ?? 0
        return .probation(seconds: left, failures: record.failures, reason: record.reason)
    }

    private func livingWorkers(_ now: ContinuousClock.Instant) -> Set<NodeID> {
        Set(
            self.roster.members.filter { node, entry in
                entry.role == .worker && !entry.heartbeat.draining && self.roster.health(of: node, now: now) == .alive
            }.keys)
    }
}
