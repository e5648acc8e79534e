package import EADCore
package import EADMessages
package import EADProtocol
import EADTelemetry

/// The learner's side of what every role does.
extension LearnerState: MemberState {
    package typealias Command = LearnerCommand
    package typealias Event = LearnerEvent

    package mutating func receive(
        _ letter: Letter, from party: Party, now: ContinuousClock.Instant
    ) -> [Effect] {
        switch party {
        case .controller: self.receiveFromController(letter.envelope, now: now)
        case .peer(let peer): self.receive(letter.envelope, from: peer)
        case .learner: preconditionFailure("the learner connects to the controller alone")
        }
    }

    package mutating func refuse(
        _ message: UnusableMessage, from party: Party, now: ContinuousClock.Instant
    ) -> [Effect] {
        self.counters[\.messagesUnusable] += 1
        return self.answer(message, to: party, now: now)
    }

    package mutating func receive(_ event: LearnerEvent, now: ContinuousClock.Instant) -> [Effect] {
        switch event {
        case .recovering(let step):
            self.member.hurry(now: now)
            return self.recovering(at: step)
        case .recovered(let recovered):
            self.member.hurry(now: now)
            return self.recovered(recovered)
        case .updated: return self.updated()
        case .refused(let step, let groups): return self.refused(step, groups)
        case .published(let report, let manifest, let bytes, let delta):
            self.member.hurry(now: now)
            return self.published(report, manifest: manifest, bytes: bytes, delta: delta)
        case .checkpointed(let step): return self.checkpointed(step)
        }
    }

    package mutating func tick(_ gauges: Gauges, now: ContinuousClock.Instant) -> [Effect] {
        self.keepMembership(gauges, now: now)
    }

    package mutating func drain(now: ContinuousClock.Instant) -> [Effect] { self.drain() }

    package var hello: Hello {
        var hello = self.member.hello(
            nextStep: self.step, acceptedSlots: self.acceptedSlots, slotCount: self.slotCount,
            discarded: self.window.current.discarded,
            laterSteps: self.window.held.dropFirst().filter { !$0.isEmpty })
        guard self.wentBack else { return hello }
        // What the engine threw out on the way is news, and follows with the list of groups: in a hello it would be of the
        // learner's past.
        hello.discarded = []
        for place in hello.laterSteps.indices { hello.laterSteps[place].discarded = [] }
        return hello
    }

    package mutating func heartbeat(_ gauges: Gauges, now: ContinuousClock.Instant) -> Heartbeat {
        let activity: Heartbeat.Activity =
            switch self.activity {
            case .recovering: .recovering
            case .collecting: self.isFinished ? .idle : .collecting
            case .training: .training
            case .checkpointing: .checkpointing
            }
        return self.member.heartbeat(
            activity, waitingFor: self.wait, gauges: gauges, counters: self.counters, version: self.latestVersion,
            draining: self.draining, now: now)
    }

    /// Whom or what it waits for; nil while it has something to do.
    package var wait: Wait? {
        if self.activity == .recovering {
            return self.retrainedStep.map { .replay(of: $0, end: self.step) } ?? .weights
        }
        guard self.activity == .collecting, !self.isFinished else { return nil }
        return .rollouts(held: self.acceptedSlots.count, count: Int(self.slotCount))
    }

    package mutating func start(now: ContinuousClock.Instant) -> [Effect] {
        [.perform(.recover(until: self.step))]
    }

    package mutating func join(_ run: RunID, before: RunID?, now: ContinuousClock.Instant) -> [Effect] {
        [.perform(.adopt(run))] + self.joined(run)
    }

    package mutating func follow(_ reply: HeartbeatReply, now: ContinuousClock.Instant) -> [Effect] {
        self.controller(isAt: reply.step)
    }
}
