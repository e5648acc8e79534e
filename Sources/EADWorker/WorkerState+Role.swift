package import EADCore
package import EADMessages
package import EADProtocol
import EADTelemetry

/// The worker's side of what every role does.
extension WorkerState: MemberState {
    package typealias Command = WorkerCommand
    package typealias Event = WorkerEvent

    package mutating func receive(
        _ letter: Letter, from party: Party, now: ContinuousClock.Instant
    ) -> [WorkerEffect] {
        switch letter.envelope.message {
        case .leaseOffer(let offer): return self.receive(offer, now: now)
        case .groupAck(let ack):
            self.member.hurry(now: now)
            return self.receive(ack)
        case .policyManifest(let manifest): return self.receive(manifest, now: now)
        case .policyChunk(let chunk): return self.receive(chunk, payload: letter.payload, now: now)
        case .refusal(let refusal) where party == .learner: return self.policyRefused(refusal.reason, now: now)
        case _ where party == .controller: return self.receiveFromController(letter.envelope, now: now)
        default:
            let number = letter.envelope.number
            return self.refuse(
                UnusableMessage(.invalid, "a worker does not take this message", number: number), from: party, now: now)
        }
    }

    package mutating func refuse(
        _ message: UnusableMessage, from party: Party, now: ContinuousClock.Instant
    ) -> [WorkerEffect] {
        self.counters[\.messagesUnusable] += 1
        return self.answer(message, to: party, now: now)
    }

    /// A group that cannot be sent has failed.
    package mutating func keep(_ oversized: OversizedMessage, now: ContinuousClock.Instant) -> [WorkerEffect] {
        switch oversized.message {
        case .rolloutGroup(let group):
            return self.failed(group.id, reason: "its responses cannot be sent: \(oversized.reason)")
        case .leaseReturn(let answer) where !answer.samples.isEmpty:
            let reason = "its responses cannot be sent: \(oversized.reason)"
            return [.tellController(.leaseReturn(LeaseReturn(lease: answer.lease, outcome: .failed, reason: reason)))]
        default: return [.fail(RoleFailure(.software, "a message cannot be sent: \(oversized.reason)"))]
        }
    }

    package mutating func receive(_ event: WorkerEvent, now: ContinuousClock.Instant) -> [WorkerEffect] {
        switch event {
        case .sampled(let group): return self.sampled(group, now: now)
        case .rejected(let id, let reason): return self.failed(id, reason: reason)
        case .scored(let group): return self.generated(group, now: now)
        case .graded(let id, let samples):
            self.member.hurry(now: now)
            return self.evaluated(id, samples, now: now)
        case .checked(let chunk, let payload, let isIntact):
            return self.checked(chunk, payload, isIntact: isIntact, now: now)
        case .applied(let manifest, let hashes): return self.applied(manifest, hashes: hashes, now: now)
        case .installed(let manifest): return self.installed(manifest, now: now)
        }
    }

    package mutating func tick(_ gauges: Gauges, now: ContinuousClock.Instant) -> [WorkerEffect] {
        self.tick(now: now) + self.keepMembership(gauges, now: now)
    }

    package var hello: Hello { self.member.hello() }

    package mutating func heartbeat(_ gauges: Gauges, now: ContinuousClock.Instant) -> Heartbeat {
        let leases = self.heldLeases
        let (activity, wait) = self.doing
        var heartbeat = self.member.heartbeat(
            activity, waitingFor: wait, gauges: gauges, counters: self.counters,
            version: self.installed ?? PolicyVersion(0), draining: self.draining, now: now)
        heartbeat.credit = self.draining ? 0 : self.settings.credit
        heartbeat.leases = leases
        return heartbeat
    }

    package mutating func join(_ run: RunID, before: RunID?, now: ContinuousClock.Instant) -> [WorkerEffect] {
        before == nil || before == run ? [] : self.changeRun()
    }

    package mutating func follow(_ reply: HeartbeatReply, now: ContinuousClock.Instant) -> [WorkerEffect] {
        self.follow(reply) + self.hear(of: reply.policyVersion, now: now)
    }
}
