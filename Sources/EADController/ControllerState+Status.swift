package import EADCore
package import EADMessages
import EADProtocol

extension ControllerState {
    mutating func control(
        _ request: ControlRequest, _ envelope: Envelope, _ peer: Peer, _ now: ContinuousClock.Instant
    ) -> [Effect] {
        var effects: [Effect] = []
        let answer: Message
        switch request.verb {
        case .status:
            answer = .statusReply(self.status(since: request.sinceStep, now: now))
            if self.endedAt != nil { self.hasToldTheEnd = true }
        case .pause, .resume:
            let pause = request.verb == .pause
            if self.snapshot.finished {
                answer = .controlReply(ControlReply(accepted: false, message: "the run is finished"))
            } else {
                if self.snapshot.paused != pause {
                    self.snapshot.paused = pause
                    effects += [.persist(self.snapshot), .record(.paused(pause))]
                }
                answer = .controlReply(
                    ControlReply(
                        accepted: true,
                        message: pause
                            ? "no new leases; work under way finishes" : "leases are offered again"))
            }
        case .evaluate:
            let (reply, wanted) = self.evaluate(request)
            answer = .controlReply(reply)
            effects += wanted
        case .stop:
            self.stopping = true
            self.endedAt = self.endedAt ?? now
            answer = .controlReply(
                ControlReply(
                    accepted: true, message: "every role finishes what it does and exits; start them again to resume"))
        }
        effects.append(.send(answer, to: peer, inReplyTo: envelope.number))
        return effects + self.advance(now)
    }

    /// The run as `ead-ctl status` shows it, with the reports of steps from `since` on.
    package func status(since: GlobalStep, now: ContinuousClock.Instant) -> StatusReply {
        let wait = self.waits.current
        return StatusReply(
            run: self.snapshot.run, name: self.settings.runName, phase: self.phase, step: self.snapshot.step,
            totalSteps: self.settings.plan.steps, waitingFor: wait?.what ?? "",
            waitingMilliseconds: wait.map { $0.elapsed(now: now).milliseconds } ?? 0,
            groupsAccepted: UInt32(self.table?.completeCount ?? 0), groupsPerStep: UInt32(self.table?.count ?? 0),
            elapsedMilliseconds: (now - self.startedAt).milliseconds, members: self.memberTable(now),
            steps: self.reports.filter { $0.step >= since },
            evaluations: self.evaluations(since: since),
            counters: self.counters.sorted { $0.key < $1.key }.map { Metric(name: $0.key, value: Double($0.value)) })
    }

    /// Those of versions from `since` on, and those somebody asked for and may wait for.
    private func evaluations(since: GlobalStep) -> [EvaluationReport] {
        Array(
            self.snapshot.evaluations.filter { $0.version >= since.startVersion || $0.request != 0 }
                .suffix(Self.evaluationsTold))
    }

    private var phase: StatusReply.Phase {
        if self.snapshot.finished { return .finished }
        if self.stopping { return .stopping }
        if self.snapshot.paused, !self.evaluatesOnRequest { return .paused }
        switch self.table?.purpose {
        case nil: return .forming
        case .evaluation: return .evaluating
        case .training: return .training
        }
    }

    private func memberTable(_ now: ContinuousClock.Instant) -> [MemberStatus] {
        self.settings.nodes.sorted { $0.key < $1.key }.filter { $0.value == .learner || $0.value == .worker }.map {
            node, role in
            guard let member = self.members[node] else {
                if let fallen = self.fallen[node] { return fallen.status(of: node, now) }
                var heartbeat = Heartbeat.none
                heartbeat.waitingFor = self.failures[node].map { "a new start; it failed: \($0)" } ?? ""
                return MemberStatus(
                    node: node, role: role, health: .absent, address: "", epoch: Epoch(0), silentMilliseconds: 0,
                    heartbeat: heartbeat)
            }
            return MemberStatus(
                node: node, role: role, health: self.liveness.health(of: node, now: now), address: member.address,
                epoch: self.membership.epoch(of: node) ?? Epoch(0),
                silentMilliseconds: (self.liveness.silence(of: node, now: now) ?? .zero).milliseconds,
                heartbeat: member.heartbeat)
        }
    }

    /// Names whom the run waits for now.
    mutating func noteWait(_ now: ContinuousClock.Instant) {
        self.waits.become(self.currentWait, now: now)
    }

    /// What those of a role that failed said last; empty when none did.
    private func failures(of role: Role) -> String {
        let words = self.failures.filter { self.settings.nodes[$0.key] == role }.sorted { $0.key < $1.key }
        return words.isEmpty ? "" : "; " + words.map { "\($0.key) failed: \($0.value)" }.joined(separator: "; ")
    }

    private var currentWait: String? {
        if self.endedAt != nil {
            let names = self.missingAtFarewell.map(\.rawValue)
            return names.isEmpty ? nil : "\(names.joined(separator: ", ")) to leave"
        }
        if self.snapshot.paused, self.snapshot.requested == nil { return "ead-ctl resume" }
        guard self.members.values.contains(where: { $0.role == .learner }) else {
            return "the learner to join" + self.failures(of: .learner)
        }
        guard let table = self.table else {
            return self.snapshot.finished ? nil : "the learner to report step \(self.snapshot.step)"
        }
        if table.isComplete { return "the learner to train step \(self.snapshot.step)" }
        guard self.members.values.contains(where: { $0.role == .worker }) else {
            return "a worker to join" + self.failures(of: .worker)
        }
        let holders = table.holders.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value.count))" }
        return holders.isEmpty ? "a worker with room" : "groups of \(holders.joined(separator: ", "))"
    }
}

extension ControllerState.Fallen {
    /// Its row of the status table; what it held and did is others' now.
    func status(of node: NodeID, _ now: ContinuousClock.Instant) -> MemberStatus {
        var heartbeat = Heartbeat.none
        heartbeat.activity = ""
        heartbeat.policyVersion = self.member.heartbeat.policyVersion
        heartbeat.tokens = self.member.heartbeat.tokens
        return MemberStatus(
            node: node, role: self.member.role, health: .dead, address: self.member.address, epoch: self.epoch,
            silentMilliseconds: self.lastHeard.duration(to: now).milliseconds, heartbeat: heartbeat)
    }
}
