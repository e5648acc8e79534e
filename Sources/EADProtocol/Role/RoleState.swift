package import EADCore
package import EADMessages

/// A message as it came, with its stamp and the frame after it.
package struct Letter: Hashable, Sendable {
    package var envelope: Envelope
    package var payload: SharedBytes?

    package init(_ envelope: Envelope, payload: SharedBytes? = nil) {
        self.envelope = envelope
        self.payload = payload
    }
}

/// A role as a value: messages, events and the time go in, effects come out; it performs nothing.
package protocol RoleState: Sendable {
    /// What the role's own engine and files are asked to do.
    associatedtype Command: Sendable
    /// What they report.
    associatedtype Event: Sendable

    typealias Effect = RoleEffect<Command>

    /// Puts the process's identity on what it sends.
    var stamp: EnvelopeStamp { get set }

    /// What has been told of messages that could not be read.
    var refusals: Refusals { get set }

    /// To be performed before anything else.
    mutating func start(now: ContinuousClock.Instant) -> [Effect]

    /// Takes a message.
    mutating func receive(_ letter: Letter, from party: Party, now: ContinuousClock.Instant) -> [Effect]

    /// Takes notice of a message that could not be read.
    mutating func refuse(
        _ message: UnusableMessage, from party: Party, now: ContinuousClock.Instant
    ) -> [Effect]

    /// Takes back a message that was too long to be sent.
    mutating func keep(_ oversized: OversizedMessage, now: ContinuousClock.Instant) -> [Effect]

    /// Takes what the engine or the files report.
    mutating func receive(_ event: Event, now: ContinuousClock.Instant) -> [Effect]

    /// Lets time pass.
    mutating func tick(_ gauges: Gauges, now: ContinuousClock.Instant) -> [Effect]

    /// The process is asked to leave: the state decides when to finish.
    mutating func drain(now: ContinuousClock.Instant) -> [Effect]

    /// The process ends because of a fault: its last words.
    mutating func fail(_ failure: RoleFailure) -> [Effect]
}

extension RoleState {
    /// Tells the operator of it; whoever waits for the message asks again.
    package mutating func keep(_ oversized: OversizedMessage, now: ContinuousClock.Instant) -> [Effect] {
        let text = "a message cannot be sent: \(oversized.reason)"
        return self.refusals.tell(text, now: now).map { Effect.tellOperator(.warning, $0) }
    }

    /// Answers a message that could not be read, and tells the operator.
    package mutating func answer(
        _ message: UnusableMessage, to party: Party, now: ContinuousClock.Instant
    ) -> [Effect] {
        let told = self.refusals.tell(message.refusal.reason, now: now).map { Effect.tellOperator(.information, $0) }
        // Without a number nobody could tell what is answered.
        guard message.number > 0 else { return told }
        return told + [.send(.refusal(message.refusal), to: party, inReplyTo: message.number)]
    }
}
