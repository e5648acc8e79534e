import EADCore
package import EADMessages
import EADProtocol

/// The controller as a value: who is in the run, which groups are leased, which step it is.
///
/// Messages and the time go in, effects come out; it performs nothing. `Peer` is whatever the transport uses to
/// address an answer.
package struct ControllerState<Peer: Hashable & Sendable>: Sendable {
    package typealias Effect = ControllerEffect<Peer>

    struct Member: Sendable {
        var role: Role
        var peer: Peer
        var address: String
        var heartbeat: Heartbeat
    }

    /// Bounds memory and the size of a status answer, which has to fit a frame.
    static var reportsKept: Int { 500 }
    /// The same for evaluations, which have more figures each.
    static var evaluationsTold: Int { 200 }

    /// Characters kept of what a failed member says.
    private static var lastWords: Int { 1000 }

    /// The last that was known of a member given up for dead.
    struct Fallen: Sendable {
        var member: Member
        var epoch: Epoch
        var lastHeard: ContinuousClock.Instant
    }

    struct Work: Sendable {
        var problem: Problem
        var seed: UInt64
    }

    let settings: ControllerSettings
    package internal(set) var snapshot: RunSnapshot
    var membership: Membership
    var liveness: Liveness
    var members: [NodeID: Member] = [:]
    /// Given up for dead, and not back yet.
    var fallen: [NodeID: Fallen] = [:]
    /// The last words of those that ended because of a fault, and are not back yet.
    var failures: [NodeID: String] = [:]
    /// The groups being produced now; nil while the learner is away or nothing is left to do.
    var table: LeaseTable?
    /// What each slot of `table` samples.
    var work: [Work] = []
    /// Sampled responses per problem of an evaluation `table`, and the request it answers (0 for none).
    var evaluation = EvaluationRequest(number: 0, samples: 0)
    /// What the learner holds of the current step, heard last while `table` was an evaluation.
    var acceptedMeanwhile: GroupsAccepted?
    /// Evaluation results of `table` by slot.
    var evaluated: [UInt32: [EvaluatedSample]] = [:]
    /// The step the learner is at; nil while there is none.
    var learnerStep: GlobalStep?
    /// The learner said goodbye, and did not come back since.
    var learnerLeft = false
    /// The newest reports; the run log has all of them.
    var reports: [StepReport]
    var waits = Waits()
    /// Of all members, since the last report of a step.
    var idle = IdleTime()
    var stopping = false
    var endedAt: ContinuousClock.Instant?
    /// A status was asked for and answered since then.
    var hasToldTheEnd = false
    let startedAt: ContinuousClock.Instant
    var counters: [String: UInt64] = [:]

    /// Starts or resumes a run.
    /// - Parameters:
    ///   - reports: The step reports of the run log, for the status of a resumed run.
    package init(
        settings: ControllerSettings, snapshot: RunSnapshot, reports: [StepReport], now: ContinuousClock.Instant
    ) {
        self.settings = settings
        self.snapshot = snapshot
        self.reports = reports.filter { $0.step < snapshot.step }.suffix(Self.reportsKept)
        self.membership = Membership(nodes: settings.nodes, lastEpoch: snapshot.lastEpoch)
        self.liveness = Liveness(settings.liveness)
        self.startedAt = now
        if snapshot.finished { self.endedAt = now }
    }

    /// To be performed before anything else.
    package func start() -> [Effect] {
        [.persist(self.snapshot), .record(.started(self.snapshot.run, resumedAt: self.snapshot.step))]
    }

    // MARK: Inputs

    /// Takes one message. Answers go to `peer`.
    package mutating func receive(_ envelope: Envelope, from peer: Peer, now: ContinuousClock.Instant) -> [Effect] {
        if let run = envelope.run, run != self.snapshot.run {
            return self.refuse(.otherRun, "this is run \(self.snapshot.run), not \(run)", envelope, peer)
        }
        switch envelope.message {
        case .hello(let hello):
            return self.admit(hello, envelope, peer, now)
        case .controlRequest(let request):
            // With CURVE the name was checked against the key already.
            guard envelope.sender == self.settings.control else {
                return self.refuse(.unknownNode, "\(envelope.sender) may not steer the run", envelope, peer)
            }
            return self.control(request, envelope, peer, now)
        case .heartbeat, .leaseAccept, .leaseReturn, .groupsAccepted, .stepReport, .goodbye:
            switch self.membership.check(node: envelope.sender, epoch: envelope.epoch) {
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
        var effects = self.bury(now)
        let lapsed = self.table?.expire(now: now) ?? []
        for expired in lapsed {
            self.counters["leases_expired", default: 0] += 1
            effects.append(
                .record(.leaseExpired(expired.held.group, expired.node, attempt: expired.held.attempt)))
        }
        effects += self.advance(now)
        return effects
    }

    // MARK: Members

    private mutating func admit(
        _ hello: Hello, _ envelope: Envelope, _ peer: Peer, _ now: ContinuousClock.Instant
    ) -> [Effect] {
        guard hello.configurationHash == self.settings.configurationHash else {
            return self.refuse(
                .configuration,
                "\(envelope.sender) was started with another cluster file; copy the controller's file to that host",
                envelope, peer)
        }
        if let objection = self.objection(toSlots: hello.slotCount) {
            return self.refuse(.invalid, objection, envelope, peer)
        }
        let admission = self.membership.hello(
            node: envelope.sender, role: hello.role, nonce: hello.nonce, epoch: envelope.epoch, now: now)
        let epoch: Epoch
        switch admission {
        case .welcome(let admitted, let fenced):
            epoch = admitted
            if fenced != nil { self.counters["fenced", default: 0] += 1 }
        case .refused(.fenced):
            return self.refuse(
                .fenced, "a newer process took over the name \(envelope.sender); stop this one", envelope, peer)
        case .refused(.unknownNode), .refused(.wrongRole):
            return self.refuse(
                .unknownNode, "the cluster file has no \(hello.role.rawValue) named \(envelope.sender)", envelope, peer)
        }
        var effects: [Effect] = []
        let isNew = self.snapshot.lastEpoch < epoch
        if isNew {
            self.snapshot.lastEpoch = epoch
            effects += [.persist(self.snapshot), .record(.joined(envelope.sender, epoch))]
            effects.append(.say(.information, "\(envelope.sender) joined from \(hello.host):\(hello.processID)"))
        }
        if isNew {
            self.table?.release(node: envelope.sender)
            self.idle.forget(envelope.sender)
        }
        self.members[envelope.sender] = Member(
            role: hello.role, peer: peer, address: "\(hello.host):\(hello.processID)", heartbeat: Heartbeat.none)
        self.fallen[envelope.sender] = nil
        self.failures[envelope.sender] = nil
        self.liveness.heard(envelope.sender, progress: 0, busy: false, now: now)
        let welcome = Welcome(run: self.snapshot.run, epoch: epoch)
        effects.append(.send(.welcome(welcome), to: peer, inReplyTo: envelope.number))
        if hello.role == .learner {
            self.learnerLeft = false
            let accepted = GroupsAccepted(
                step: hello.nextStep, slots: hello.acceptedSlots, slotCount: hello.slotCount)
            effects += self.follow(accepted, now)
        }
        return effects + self.advance(now)
    }

    private mutating func receiveFromMember(
        _ envelope: Envelope, _ peer: Peer, _ now: ContinuousClock.Instant
    ) -> [Effect] {
        guard var member = self.members[envelope.sender] else {
            return self.refuse(.notMember, "say hello first", envelope, peer)
        }
        member.peer = peer
        self.members[envelope.sender] = member
        var effects: [Effect] = []
        switch envelope.message {
        case .heartbeat(let heartbeat):
            effects = self.beat(heartbeat, of: envelope.sender, envelope.number, peer, now)
        case .leaseAccept(let accept):
            if self.isCurrent(accept.lease.group) {
                self.table?.accept(
                    node: envelope.sender, slot: accept.lease.group.slot, attempt: accept.lease.attempt, now: now)
            }
        case .leaseReturn(let answer):
            effects = self.take(answer, from: envelope.sender, now)
        case .groupsAccepted(let accepted):
            if let objection = self.objection(toSlots: accepted.slotCount) {
                return self.refuse(.invalid, objection, envelope, peer)
            }
            if member.role == .learner { effects = self.take(accepted, now) }
        case .stepReport(let report):
            if member.role == .learner { effects = self.step(report, now) }
        case .goodbye(let goodbye):
            self.forget(envelope.sender)
            let reason = String(goodbye.reason.prefix(Self.lastWords))
            if goodbye.failed {
                // It is missed like a dead one.
                self.counters["failures", default: 0] += 1
                self.failures[envelope.sender] = reason
            } else if member.role == .learner {
                self.learnerLeft = true
            }
            effects = [
                .record(.left(envelope.sender, reason: reason)),
                .say(
                    goodbye.failed ? .warning : .information,
                    "\(envelope.sender) \(goodbye.failed ? "failed" : "left"): \(reason)"),
            ]
        default: break
        }
        return effects + self.advance(now)
    }

    private mutating func beat(
        _ heartbeat: Heartbeat, of node: NodeID, _ number: UInt64, _ peer: Peer, _ now: ContinuousClock.Instant
    ) -> [Effect] {
        let busy = !heartbeat.leases.isEmpty || heartbeat.activity == "training"
        self.liveness.heard(node, progress: heartbeat.progress, busy: busy, now: now)
        self.idle.heard(node, isWaiting: !heartbeat.waitingFor.isEmpty, now: now)
        let held = heartbeat.leases.filter { self.isCurrent($0.group) }
        let duration = self.settings.leaseDuration
        if self.liveness.health(of: node, now: now) == .alive {
            // Leases of an earlier life of this controller are taken over; a stalled worker's run out.
            for lease in held {
                self.table?.adopt(
                    node: node, slot: lease.group.slot, attempt: lease.attempt, now: now, duration: duration)
            }
            self.table?.renew(node: node, groups: held, now: now)
        }
        self.members[node]?.heartbeat = heartbeat
        let reply = HeartbeatReply(
            step: self.snapshot.step, stop: self.stopping || self.endedAt != nil)
        return [.send(.heartbeatReply(reply), to: peer, inReplyTo: number)]
    }

    /// Members silent for too long are dead: their leases are free at once.
    private mutating func bury(_ now: ContinuousClock.Instant) -> [Effect] {
        var effects: [Effect] = []
        for node in self.members.keys.sorted() where self.liveness.health(of: node, now: now) == .dead {
            let silent = self.liveness.silence(of: node, now: now) ?? .zero
            self.counters["deaths", default: 0] += 1
            if let member = self.members[node], let epoch = self.membership.epoch(of: node) {
                self.fallen[node] = Fallen(member: member, epoch: epoch, lastHeard: now - silent)
            }
            let lost = self.forget(node)
            effects.append(.record(.died(node, silent: silent, leases: lost.count { $0.wasAccepted })))
            effects.append(.say(.warning, "\(node) is dead: silent for \(silent.components.seconds) s"))
        }
        return effects
    }

    /// Returns the leases it held.
    @discardableResult
    private mutating func forget(_ node: NodeID) -> [EndedLease] {
        if self.members[node]?.role == .learner { self.learnerStep = nil }
        self.members[node] = nil
        self.membership.leave(node)
        self.liveness.forget(node)
        self.idle.forget(node)
        return self.table?.release(node: node) ?? []
    }

    mutating func refuse(
        _ code: Refusal.Code, _ reason: String, _ envelope: Envelope, _ peer: Peer
    ) -> [Effect] {
        self.counters["refused", default: 0] += 1
        return [.send(.refusal(Refusal(code: code, reason: reason)), to: peer, inReplyTo: envelope.number)]
    }
}

extension Heartbeat {
    /// What is known of a member before its first heartbeat.
    static var none: Heartbeat {
        Heartbeat(
            activity: "joining", waitingFor: "", waitingMilliseconds: 0, progress: 0, tokens: 0, tokensPerSecond: 0,
            policyVersion: PolicyVersion(0), credit: 0, leases: [], residentBytes: 0, draining: false)
    }
}
