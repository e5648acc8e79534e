package import EADCore
package import EADEvaluation
package import EADMessages
package import EADProtocol
import EADTelemetry

/// What the controller's state has its files do.
package enum ControllerCommand: Sendable, Equatable {
    /// Make the snapshot durable before anything that follows.
    case persist(RunSnapshot)
    /// Write every response of a finished evaluation to its file, in the place of what is there.
    case persistEvaluation(EvaluationReport, [GradedProblem])
    /// Append to the run log.
    case record(RunEvent)
}

/// The controller's side of what every role does.
extension ControllerState: RoleState {
    package typealias Command = ControllerCommand
    package typealias Event = Never
    package typealias RoleEffects = [RoleEffect<ControllerCommand>]

    package mutating func start(now: ContinuousClock.Instant) -> RoleEffects {
        // Whoever asks before its first tick is told, too.
        self.waits.become(self.currentWait(now), now: now)
        return [.tellOperator(.information, "run \(self.snapshot.run)")] + self.translate(self.start())
    }

    package mutating func receive(
        _ letter: Letter, from party: Party, now: ContinuousClock.Instant
    ) -> RoleEffects {
        guard case .peer(let peer) = party else { preconditionFailure("the controller connects to nobody") }
        // To answer a refusal with a refusal would never end.
        if case .refusal(let refusal) = letter.envelope.message {
            return [.tellOperator(.warning, "\(letter.envelope.sender) refused a message: \(refusal.reason)")]
        }
        // Not in one expression: to call a method on a value while its argument changes the value would copy all of it.
        let effects = self.receive(letter.envelope, from: peer, now: now)
        return self.translate(effects)
    }

    package mutating func refuse(
        _ message: UnusableMessage, from party: Party, now: ContinuousClock.Instant
    ) -> RoleEffects {
        self.counters[\.messagesRefused] += 1
        return self.answer(message, to: party, now: now)
    }

    /// A problem that cannot be sent cannot be trained on.
    package mutating func keep(_ oversized: OversizedMessage, now: ContinuousClock.Instant) -> RoleEffects {
        guard case .leaseOffer(let offer) = oversized.message else {
            return [.tellOperator(.warning, "an answer cannot be sent: \(oversized.reason)")]
        }
        let problem = offer.lease.problem
        return [
            .fail(
                RoleFailure(
                    .data,
                    "problem \(problem.index), which begins “\(problem.prompt.prefix(40))”, cannot be sent to a worker: "
                        + oversized.reason))
        ]
    }

    package mutating func receive(_ event: Never, now: ContinuousClock.Instant) -> RoleEffects {}

    package mutating func tick(_ gauges: Gauges, now: ContinuousClock.Instant) -> RoleEffects {
        self.gauges = gauges
        let effects = self.tick(now: now)
        return self.translate(effects)
    }

    /// A controller told to stop just leaves: everything it knows is on disk already.
    package mutating func drain(now: ContinuousClock.Instant) -> RoleEffects { [.finish] }

    package mutating func fail(_ failure: RoleFailure) -> RoleEffects { [] }

    private func translate(_ effects: [ControllerEffect]) -> RoleEffects {
        effects.map { effect in
            switch effect {
            case .persist(let snapshot): return .perform(.persist(snapshot))
            case .send(.statusReply(var status), let peer, let number):
                // What the transport turned away, the state never sees.
                status.counters = status.counters + self.gauges.counters
                return .send(.statusReply(status), to: .peer(peer), inReplyTo: number)
            case .send(let message, let peer, let number): return .send(message, to: .peer(peer), inReplyTo: number)
            case .persistEvaluation(let report, let graded): return .perform(.persistEvaluation(report, graded))
            case .record(let event): return .perform(.record(event))
            case .tellOperator(let notice, let text): return .tellOperator(notice, text)
            case .fail(let reason): return .fail(RoleFailure(.software, reason))
            case .exit: return .finish
            }
        }
    }
}
