import EADConfiguration
import EADCore
import EADMessages
import EADProtocol
import EADTelemetry

/// Coming, reporting and going.
extension ControllerState {
    /// Characters kept of what a leaving member says.
    private static var lastWords: Int { 1000 }
    /// Of a node with another file so many settings are named, and so much of each value.
    private static var differencesTold: Int { 20 }
    private static var valueTold: Int { 100 }

    mutating func admit(
        _ hello: Hello, _ envelope: Envelope, _ peer: Peer, _ now: ContinuousClock.Instant
    ) -> [Effect] {
        guard hello.configurationHash == self.settings.configurationHash else {
            return self.refuse(
                .configuration,
                "\(envelope.sender) was started with another cluster file\(self.differences(from: hello.settings)); copy the "
                    + "controller's file to that host", envelope, peer)
        }
        if let objection = hello.held.compactMap({ self.objection(toSlots: $0.slotCount) }).first {
            return self.refuse(.invalid, objection, envelope, peer)
        }
        if let objection = self.objection(toContents: hello.contents) {
            return self.refuse(.configuration, "\(envelope.sender) \(objection)", envelope, peer)
        }
        let lastEpoch = self.roster.lastEpoch
        let epoch: Epoch
        switch self.roster.admit(hello, envelope, from: peer, now: now) {
        case .welcome(let admitted, let fenced):
            epoch = admitted
            if fenced != nil { self.counters[\.processesFenced] += 1 }
        case .refused(.fenced):
            return self.refuse(
                .fenced, "a newer process took over the name \(envelope.sender); stop this one", envelope, peer)
        case .refused(.unknownNode), .refused(.wrongRole):
            return self.refuse(
                .unknownNode, "the cluster file has no \(hello.role.rawValue) named \(envelope.sender)", envelope, peer)
        }
        var effects: [Effect] = []
        if lastEpoch < epoch {
            for content in hello.contents { self.contents[content.name] = content.hash.hexadecimal }
            effects += [.persist(self.snapshot), .record(.joined(envelope.sender, epoch))]
            effects.append(
                .tellOperator(.information, "\(envelope.sender) joined from \(hello.host):\(hello.processID)"))
            self.releaseLeases(of: envelope.sender)
            self.quarantine.forget(envelope.sender)
            self.paces.forget(envelope.sender)
        }
        let welcome = Welcome(run: self.run, epoch: epoch)
        effects.append(.send(.welcome(welcome), to: peer, inReplyTo: envelope.number))
        if hello.role == .learner {
            effects += self.welcomeLearner(at: hello.nextStep, holding: hello.held, now)
        }
        return effects + self.advance(now)
    }

    /// In what a node's settings differ from the controller's: each with both values, of very many the first.
    private func differences(from settings: String) -> String {
        let differences = SettingDifference.all(from: self.settings.sharedLines, to: settings)
        guard !differences.isEmpty else { return "" }
        let texts = differences.prefix(Self.differencesTold).map { difference in
            let (here, there) = (difference.before ?? "not set", difference.after ?? "not set")
            return "\(difference.path) is \(here.prefix(Self.valueTold)) here and \(there.prefix(Self.valueTold)) there"
        }
        let more = differences.count - texts.count
        return ": " + texts.joined(separator: "; ") + (more > 0 ? " and \(more) more" : "")
    }

    /// Why what a process read from its own files cannot be used in this run; nil when it can.
    private func objection(toContents contents: [SharedContent]) -> String? {
        let other = contents.filter { self.contents[$0.name, default: $0.hash.hexadecimal] != $0.hash.hexadecimal }
        guard !other.isEmpty else { return nil }
        let names = other.map(\.name).joined(separator: " and another ")
        return
            "has another \(names) than the run began with; copy the files that model.path and task.command name from a "
            + "host that is in the run"
    }

    mutating func receiveFromMember(
        _ envelope: Envelope, _ peer: Peer, _ now: ContinuousClock.Instant
    ) -> [Effect] {
        let node = envelope.sender
        guard let role = self.roster.members[node]?.role else {
            return self.refuse(.notMember, "say hello first", envelope, peer)
        }
        self.roster.meet(node, at: peer)
        var effects: [Effect] = []
        switch envelope.message {
        case .heartbeat(let heartbeat):
            effects = self.answer(heartbeat, of: node, envelope.number, peer, now)
        case .leaseAccept(let accept):
            self.acceptLease(accept.lease, by: node, now)
        case .leaseReturn(let answer):
            effects = self.endLease(answer, by: node, now)
        case .groupsAccepted(let accepted):
            if let objection = self.objection(toSlots: accepted.slotCount) {
                return self.refuse(.invalid, objection, envelope, peer)
            }
            if role == .learner { effects = self.follow(holding: accepted, now) }
        case .stepReport(let report):
            if role == .learner { effects = self.finishStep(report, now) }
        case .goodbye(let goodbye):
            effects = self.dismiss(node, goodbye)
        default: break
        }
        return effects + self.advance(now)
    }

    private mutating func answer(
        _ heartbeat: Heartbeat, of node: NodeID, _ number: UInt64, _ peer: Peer, _ now: ContinuousClock.Instant
    ) -> [Effect] {
        self.roster.hear(heartbeat, of: node, now: now)
        if self.roster.members[node]?.role == .worker { self.paces.heard(heartbeat, of: node) }
        var effects = self.endUnlisted(by: node, listing: heartbeat.leases)
        // The leases of a stalled worker run out.
        if self.roster.health(of: node, now: now) == .alive { self.renewLeases(heartbeat.leases, of: node, now) }
        let reply = HeartbeatReply(
            step: self.window.step, stop: self.maySendAway(now), policyVersion: self.window.version,
            windowEnd: self.window.end, finished: self.finished(of: heartbeat.leases))
        effects.append(.send(.heartbeatReply(reply), to: peer, inReplyTo: number))
        return effects
    }

    /// Whether members are told to leave.
    ///
    /// A finished run whose learner has not been heard may have lost its last steps with the learner's disk: whoever
    /// would produce them again stays until the learner is there, or half the time to wait for it is over.
    private func maySendAway(_ now: ContinuousClock.Instant) -> Bool {
        guard let farewell = self.course.farewell else { return false }
        if farewell.isAskedFor || self.learner != .away { return true }
        return farewell.since + self.settings.farewell / 2 <= now
    }

    /// A member leaves by itself.
    private mutating func dismiss(_ node: NodeID, _ goodbye: Goodbye) -> [Effect] {
        let entry = self.roster.remove(node)
        self.paces.forget(node)
        self.releaseLeases(of: node)
        let reason = String(goodbye.reason.prefix(Self.lastWords))
        if goodbye.failed {
            self.counters[\.memberFailures] += 1
            self.roster.mourn(node, lastWords: reason)
        }
        if entry?.role == .learner { self.learner = goodbye.failed ? .away : .left }
        return [
            .record(.left(node, reason: reason)),
            .tellOperator(
                goodbye.failed ? .warning : .information, "\(node) \(goodbye.failed ? "failed" : "left"): \(reason)"),
        ]
    }

    /// Members silent for too long are dead: their leases are free at once.
    mutating func buryDead(_ now: ContinuousClock.Instant) -> [Effect] {
        var effects: [Effect] = []
        for dead in self.roster.removeDead(now: now) {
            self.counters[\.memberDeaths] += 1
            self.paces.forget(dead.node)
            let lost = self.releaseLeases(of: dead.node)
            if dead.role == .learner { self.learner = .away }
            effects.append(.record(.died(dead.node, silent: dead.silent, leases: lost.count { $0.wasAccepted })))
            effects.append(
                .tellOperator(.warning, "\(dead.node) is dead: silent for \(dead.silent.components.seconds) s"))
        }
        return effects
    }
}
