package import EADCore
package import EADMessages
import EADProtocol

/// A node's side of membership: hello until welcomed, heartbeats until it leaves, hello again when forgotten.
package struct MembershipLink: Sendable {
    package enum Effect: Hashable, Sendable {
        /// Say hello to the controller.
        case hello
        /// Send a heartbeat.
        case beat
        /// Admitted, for the first time or again.
        case joined(Welcome)
        case heard(HeartbeatReply)
        /// The controller fell silent; work goes on, hellos are sent until it answers.
        case lost(silent: Duration)
        /// The controller will never admit this process.
        case refused(Refusal)
    }

    private enum State: Hashable, Sendable {
        case searching(nextHello: ContinuousClock.Instant)
        case member(nextHeartbeat: ContinuousClock.Instant)
    }

    package private(set) var run: RunID?
    package private(set) var epoch = Epoch(0)
    /// Since when the controller has not answered; nil while it does.
    package private(set) var searchingSince: ContinuousClock.Instant?
    private var state: State
    private var lastHeard: ContinuousClock.Instant
    private var backoff: Backoff
    private let heartbeatInterval: Duration
    private let deadAfter: Duration

    package init(
        run: RunID?, backoff: Backoff, heartbeatInterval: Duration, deadAfter: Duration, now: ContinuousClock.Instant
    ) {
        self.run = run
        self.backoff = backoff
        self.heartbeatInterval = heartbeatInterval
        self.deadAfter = deadAfter
        self.state = .searching(nextHello: now)
        self.lastHeard = now
        self.searchingSince = now
    }

    package var isMember: Bool { if case .member = self.state { true } else { false } }

    /// Says what is due.
    package mutating func tick(now: ContinuousClock.Instant) -> [Effect] {
        switch self.state {
        case .searching(let due):
            guard due <= now else { return [] }
            self.state = .searching(nextHello: now + self.backoff.next())
            return [.hello]
        case .member(let due):
            if self.lastHeard + self.deadAfter <= now {
                self.searchingSince = self.lastHeard
                self.state = .searching(nextHello: now)
                return [.lost(silent: now - self.lastHeard)]
            }
            guard due <= now else { return [] }
            self.state = .member(nextHeartbeat: now + self.heartbeatInterval)
            return [.beat]
        }
    }

    /// Makes the next `tick` send a heartbeat, because something the controller acts on has changed.
    package mutating func hurry(now: ContinuousClock.Instant) {
        if case .member = self.state { self.state = .member(nextHeartbeat: now) }
    }

    /// Takes the controller's membership messages; others are not its business and give no effect.
    package mutating func receive(_ message: Message, now: ContinuousClock.Instant) -> [Effect] {
        switch message {
        case .welcome(let welcome):
            self.run = welcome.run
            self.epoch = welcome.epoch
            self.lastHeard = now
            self.searchingSince = nil
            self.backoff.reset()
            self.state = .member(nextHeartbeat: now)
            return [.joined(welcome)]
        case .heartbeatReply(let reply):
            self.lastHeard = now
            return [.heard(reply)]
        case .refusal(let refusal):
            switch refusal.code {
            case .notMember:
                if self.isMember {
                    self.state = .searching(nextHello: now)
                    self.searchingSince = now
                }
                return []
            case .wireVersion, .configuration, .unknownNode, .fenced, .otherRun:
                return [.refused(refusal)]
            case .invalid:
                return []
            }
        default:
            self.lastHeard = now
            return []
        }
    }
}
