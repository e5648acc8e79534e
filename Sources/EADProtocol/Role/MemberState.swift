package import EADCore
package import EADMessages

/// A role that is a member of a run: what all of them have in common towards the controller.
package protocol MemberState: RoleState {
    var member: Member { get set }

    /// What it says when it looks for the controller.
    var hello: Hello { get }

    /// What it says while it is a member.
    mutating func heartbeat(_ gauges: Gauges, now: ContinuousClock.Instant) -> Heartbeat

    /// The controller admitted it; `before` is the run it belonged to.
    mutating func join(_ run: RunID, before: RunID?, now: ContinuousClock.Instant) -> [Effect]

    /// The controller said where the run is.
    mutating func follow(_ reply: HeartbeatReply, now: ContinuousClock.Instant) -> [Effect]
}

extension MemberState {
    package var stamp: EnvelopeStamp {
        get { self.member.stamp }
        set { self.member.stamp = newValue }
    }

    /// Says what is due to the controller.
    package mutating func keepMembership(_ gauges: Gauges, now: ContinuousClock.Instant) -> [Effect] {
        switch self.member.tick(now: now) {
        case nil: return []
        case .hello:
            let seconds = self.member.searchingSince.map { $0.duration(to: now).components.seconds } ?? 0
            return [
                .tellOperator(.information, "waiting for the controller at \(self.member.controller) for \(seconds) s"),
                .send(.hello(self.hello), to: .controller),
            ]
        case .heartbeat: return [.send(.heartbeat(self.heartbeat(gauges, now: now)), to: .controller)]
        case .search(let silent):
            return [.tellOperator(.warning, "the controller is silent for \(silent); work goes on")]
        case .giveUp(let silent):
            return [
                .fail(
                    RoleFailure(
                        .unavailable,
                        "the controller at \(self.member.controller) has not answered for \(silent.components.seconds) s "
                            + "(protocol.lost_after); nothing is lost: start this node again when the run goes on"))
            ]
        }
    }

    /// Takes a message of the controller that is not the role's own business.
    package mutating func receiveFromController(_ envelope: Envelope, now: ContinuousClock.Instant) -> [Effect] {
        switch self.member.receive(envelope.message, inReplyTo: envelope.inReplyTo, now: now) {
        case nil: return []
        case .joined(let welcome, let before):
            let told = Effect.tellOperator(.information, "joined run \(welcome.run) as epoch \(welcome.epoch)")
            return [told] + self.join(welcome.run, before: before, now: now)
        case .heard(let reply):
            let effects = self.follow(reply, now: now)
            return reply.stop ? effects + self.drain(now: now) : effects
        case .refused(let refusal): return [.fail(RoleFailure(refusal))]
        }
    }

    /// The last words of a process that has done its work.
    package func leave(_ reason: String) -> [Effect] {
        [.send(.goodbye(Goodbye(reason: reason)), to: .controller), .finish]
    }

    package mutating func fail(_ failure: RoleFailure) -> [Effect] {
        [.send(.goodbye(Goodbye(reason: failure.message, failed: true)), to: .controller)]
    }

    package mutating func start(now: ContinuousClock.Instant) -> [Effect] { [] }
}

extension RoleFailure {
    /// What the controller's refusal means for the process.
    package init(_ refusal: Refusal) {
        let code: Code =
            switch refusal.code {
            case .fenced: .fenced
            case .configuration, .unknownNode, .otherRun: .configuration
            case .wireVersion, .notMember, .invalid: .software
            }
        self.init(code, "the controller refused this process: \(refusal.reason)")
    }
}
