import EADCore
import EADMessages
import EADProtocol

extension Roster {
    /// A row for each learner and worker of the cluster file.
    func rows(now: ContinuousClock.Instant) -> [MemberStatus] {
        self.nodes.filter { $0.value == .learner || $0.value == .worker }.sorted { $0.key < $1.key }.map {
            node, role in
            guard let entry = self.members[node] else { return self.row(ofMissing: node, role, now) }
            return MemberStatus(
                node: node, role: role, health: self.health(of: node, now: now), process: entry.process,
                epoch: self.epoch(of: node) ?? Epoch(0),
                silentMilliseconds: self.silence(of: node, now: now).milliseconds, heartbeat: entry.heartbeat)
        }
    }

    /// What those of a role that failed said last.
    func failures(of role: Role) -> [NodeID: String] { self.failures.filter { self.nodes[$0.key] == role } }

    private func row(ofMissing node: NodeID, _ role: Role, _ now: ContinuousClock.Instant) -> MemberStatus {
        if let fallen = self.fallen[node] { return fallen.row(of: node, now) }
        var heartbeat = Heartbeat.none
        heartbeat.activity = .gone
        heartbeat.waitingFor = self.failures[node].map { Wait.restart(after: $0).text } ?? ""
        return MemberStatus(
            node: node, role: role, health: .absent, process: "", epoch: Epoch(0), silentMilliseconds: 0,
            heartbeat: heartbeat)
    }
}

extension Roster.Fallen {
    /// Its row of the status table; what it held and did is others' now.
    fileprivate func row(of node: NodeID, _ now: ContinuousClock.Instant) -> MemberStatus {
        var heartbeat = Heartbeat.none
        heartbeat.activity = .gone
        heartbeat.policyVersion = self.entry.heartbeat.policyVersion
        heartbeat.tokens = self.entry.heartbeat.tokens
        heartbeat.counters = self.entry.heartbeat.counters
        return MemberStatus(
            node: node, role: self.entry.role, health: .dead, process: self.entry.process, epoch: self.epoch,
            silentMilliseconds: self.lastHeard.duration(to: now).milliseconds, heartbeat: heartbeat)
    }
}
