import EADConfiguration
import EADCore
import EADMessages
package import EADProtocol

/// Whom the run waits for.
extension ControllerState {
    /// What the run waited for when its state changed last; nil when it waited for nobody.
    package var wait: Wait? { self.waits.current?.what }

    /// Nil when it waits for nobody.
    func currentWait(_ now: ContinuousClock.Instant) -> Wait? {
        if self.course.farewell != nil {
            let missing = self.missingAtFarewell
            let away = missing.filter { self.roster.members[$0] == nil }
            return missing.isEmpty ? nil : .departure(of: missing, away: away)
        }
        if self.isPaused, self.evaluations.requested == nil { return .resumption }
        guard self.roster.has(.learner) else { return .joining(.learner, failures: self.roster.failures(of: .learner)) }
        if let recovery = self.recovery { return recovery }
        let source = self.currentSource
        guard source.isOpen, let table = source.tables.first else { return .report(on: self.window.step) }
        if table.isComplete { return .training(of: self.window.step, health: self.learnerHealth(now)) }
        guard self.roster.has(.worker) else { return .joining(.worker, failures: self.roster.failures(of: .worker)) }
        let leases = table.leases.holders
        guard !leases.isEmpty else { return .room(self.hindrances(now)) }
        guard self.course.evaluation == nil, self.settings.gate.bound > 0 else {
            let holders = leases.sorted { $0.key < $1.key }.map { node, leases in
                Wait.Holder(node, leases: leases.count, health: self.roster.health(of: node, now: now))
            }
            return .groups(holders, complete: table.completeCount)
        }
        let slots = leases.flatMap { node, leases in
            leases.map { Wait.OpenSlot($0.group.slot, of: node, health: self.roster.health(of: node, now: now)) }
        }
        return .slots(slots.sorted { $0.slot < $1.slot }, of: table.step, complete: table.completeCount)
    }

    /// Of the learner, unless workers get on without it.
    private var recovery: Wait? {
        let members = self.roster.members
        guard let learner = members.first(where: { $0.value.role == .learner }),
            learner.value.heartbeat.activity == .recovering,
            !members.values.contains(where: { $0.role == .worker && $0.heartbeat.activity.isProducing })
        else { return nil }
        return .recovery(of: learner.key, words: learner.value.heartbeat.waitingFor)
    }

    private func learnerHealth(_ now: ContinuousClock.Instant) -> Health {
        let node = self.roster.members.first { $0.value.role == .learner }?.key
        return node.map { self.roster.health(of: $0, now: now) } ?? .absent
    }

    /// Why no worker can be given a lease; of none when one can, and has only to say how many it takes.
    private func hindrances(_ now: ContinuousClock.Instant) -> [NodeID: Wait.Hindrance] {
        guard self.ableWorkers(now).isEmpty else { return [:] }
        let workers = self.roster.members.filter { $0.value.role == .worker }
        return workers.reduce(into: [:]) { hindrances, member in
            let (node, entry) = member
            hindrances[node] =
                entry.heartbeat.draining
                ? .leaving : self.roster.health(of: node, now: now) == .alive ? .failing : .stalled
        }
    }

    // MARK: Waits that last too long

    /// What is wrong with the run, in sentences: what its waits and its last steps show.
    func troubles(_ now: ContinuousClock.Instant) -> [String] {
        [self.overdueWait(now), self.idleTrouble].compactMap { $0 }
            + self.quarantine.distrusted.map { "\($0.node) sent a group that cannot be trained on: \($0.reason)" }
    }

    private func overdueWait(_ now: ContinuousClock.Instant) -> String? {
        guard let wait = self.waits.current, wait.elapsed(now: now) > self.settings.overdueAfter,
            !self.isWatched(wait.what, now)
        else { return nil }
        return "waits for \(wait.what.text) longer than \(self.settings.overdueAfter.inYAML) (protocol.overdue_after)"
    }

    /// Whether those waited for show in every heartbeat that they get on, and are called stalled when they do not; or
    /// whether somebody wanted the wait.
    private func isWatched(_ wait: Wait, _ now: ContinuousClock.Instant) -> Bool {
        switch wait {
        case .resumption: return true
        case .training(_, .alive):
            let learner = self.roster.members.values.first { $0.role == .learner }
            return learner.map { [.training, .checkpointing].contains($0.heartbeat.activity) } ?? false
        case .groups(let holders, _): return holders.contains { self.isProducing($0.node, now) }
        case .slots(let slots, _, _): return slots.contains { self.isProducing($0.node, now) }
        // They are full of groups of later steps.
        case .room(let hindered):
            return hindered.isEmpty && self.roster.members.keys.contains { self.isProducing($0, now) }
        default: return false
        }
    }

    /// Whether a worker shows that it makes a group.
    private func isProducing(_ node: NodeID, _ now: ContinuousClock.Instant) -> Bool {
        guard self.roster.health(of: node, now: now) == .alive, let member = self.roster.members[node] else {
            return false
        }
        return member.role == .worker && member.heartbeat.activity.isProducing
    }

    // MARK: The end

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

extension Heartbeat.Activity {
    /// Whether a worker makes a group.
    fileprivate var isProducing: Bool { self == .generating || self == .verifying }
}
