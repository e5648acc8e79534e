package import EADCore
package import EADMessages

/// A process's own place in the run: hello until welcomed, heartbeats until it leaves, hello again when forgotten.
///
/// `Membership` is the controller's side of it.
package struct Member: Sendable {
    /// Who a process is, as its hello tells the controller.
    package struct Identity: Hashable, Sendable {
        package var node: NodeID
        package var role: Role
        /// Tells this process from others of the same name.
        package var nonce: [UInt8]
        /// SHA-256 of what all nodes must agree on.
        package var configurationHash: [UInt8]
        package var host: String
        package var processID: UInt32
        /// Where it looks for the controller.
        package var controller: Endpoint
        /// What it read from files of its own that must be the same everywhere.
        package var contents: [SharedContent]
        /// Every setting that all nodes must agree on, a line `path value` each.
        package var settings: String

        package init(
            node: NodeID, role: Role, nonce: [UInt8], configurationHash: [UInt8], host: String,
            processID: UInt32, controller: Endpoint, contents: [SharedContent] = [],
            settings: String = ""
        ) {
            self.node = node
            self.role = role
            self.nonce = nonce
            self.configurationHash = configurationHash
            self.host = host
            self.processID = processID
            self.controller = controller
            self.contents = contents
            self.settings = settings
        }
    }

    /// What it is time for.
    package enum Duty: Hashable, Sendable {
        /// Say hello to the controller.
        case hello
        /// Send a heartbeat.
        case heartbeat
        /// The controller fell silent; work goes on, and hellos are sent until it answers.
        case search(silent: Duration)
        /// Nobody answered for too long: the run may be over, or go on without this process.
        case giveUp(silent: Duration)
    }

    /// What the controller's word changed.
    package enum News: Hashable, Sendable {
        /// Admitted, for the first time or again; `before` is the run of the last time.
        case joined(Welcome, before: RunID?)
        /// It answered a heartbeat.
        case heard(HeartbeatReply)
        /// It will never admit this process.
        case refused(Refusal)
    }

    private enum State: Hashable, Sendable {
        case searching(nextHello: ContinuousClock.Instant)
        case member(nextHeartbeat: ContinuousClock.Instant)
    }

    package let identity: Identity
    /// Puts its identity on what it says.
    package var stamp: EnvelopeStamp
    /// Since when the controller has not answered; nil while it does.
    package private(set) var searchingSince: ContinuousClock.Instant?
    private var state: State
    private var lastHeard: ContinuousClock.Instant
    /// What hellos of this number and before said is so no longer; nil while all is.
    private var outdated: UInt64?
    private var backoff: Backoff
    private var waits = Waits()
    private var rate = RateMeter()
    private let liveness: LivenessConfiguration

    /// - Parameters:
    ///   - run: The run that what it has belongs to; nil for a process without past.
    ///   - backoff: The pauses between hellos.
    package init(
        _ identity: Identity, run: RunID?, backoff: Backoff, liveness: LivenessConfiguration,
        now: ContinuousClock.Instant
    ) {
        self.identity = identity
        self.stamp = EnvelopeStamp(sender: identity.node, run: run)
        self.backoff = backoff
        self.liveness = liveness
        self.state = .searching(nextHello: now)
        self.lastHeard = now
        self.searchingSince = now
    }

    package var controller: Endpoint { self.identity.controller }
    package var isAdmitted: Bool { if case .member = self.state { true } else { false } }
    package var run: RunID? { self.stamp.run }
    package var epoch: Epoch { self.stamp.epoch }

    // MARK: Inputs

    /// Says what is due; nil when nothing is.
    package mutating func tick(now: ContinuousClock.Instant) -> Duty? {
        switch self.state {
        case .searching(let due):
            if let since = self.searchingSince, since + self.liveness.lostAfter <= now {
                return .giveUp(silent: since.duration(to: now))
            }
            guard due <= now else { return nil }
            self.state = .searching(nextHello: now + self.backoff.next())
            return .hello
        case .member(let due):
            if self.lastHeard + self.liveness.deadAfter <= now {
                self.searchingSince = self.lastHeard
                self.state = .searching(nextHello: now)
                return .search(silent: now - self.lastHeard)
            }
            guard due <= now else { return nil }
            self.state = .member(nextHeartbeat: now + self.liveness.heartbeatInterval)
            return .heartbeat
        }
    }

    /// Makes the next `tick` send a heartbeat, because something the controller acts on has changed.
    package mutating func hurry(now: ContinuousClock.Instant) {
        if case .member = self.state { self.state = .member(nextHeartbeat: now) }
    }

    /// The controller has to learn what only a hello says: it is said until it is answered, whatever answers to earlier ones
    /// are still on their way.
    package mutating func introduceAgain() {
        self.outdated = self.stamp.number
        self.searchingSince = self.searchingSince ?? self.lastHeard
        self.state = .searching(nextHello: self.lastHeard)
    }

    /// Takes a message of the controller; any shows that it is there, those of membership may be news.
    /// - Parameter number: Of the message of this process that it answers; 0 for none.
    package mutating func receive(
        _ message: Message, inReplyTo number: UInt64, now: ContinuousClock.Instant
    ) -> News? {
        switch message {
        case .welcome where self.outdated.map { number <= $0 } ?? false:
            self.lastHeard = now
            return nil
        case .welcome(let welcome):
            let before = self.stamp.run
            self.stamp.run = welcome.run
            self.stamp.epoch = welcome.epoch
            self.lastHeard = now
            self.searchingSince = nil
            self.backoff.reset()
            self.state = .member(nextHeartbeat: now)
            return .joined(welcome, before: before)
        case .heartbeatReply(let reply):
            self.lastHeard = now
            return .heard(reply)
        case .refusal(let refusal):
            switch refusal.code {
            case .notMember:
                if self.isAdmitted {
                    self.state = .searching(nextHello: now)
                    self.searchingSince = now
                }
                return nil
            case .wireVersion, .configuration, .unknownNode, .fenced, .otherRun:
                return .refused(refusal)
            case .invalid:
                return nil
            }
        default:
            self.lastHeard = now
            return nil
        }
    }

    // MARK: What it says of itself

    /// - Parameters:
    ///   - nextStep: A learner's next step; `acceptedSlots`, `slotCount` and `discarded` say what it has of it.
    ///   - laterSteps: What it has of the open steps after that.
    package func hello(
        nextStep: GlobalStep = GlobalStep(0), acceptedSlots: [UInt32] = [], slotCount: UInt32 = 0,
        discarded: [DiscardedGroup] = [], laterSteps: [GroupsAccepted] = []
    ) -> Hello {
        Hello(
            role: self.identity.role, nonce: self.identity.nonce, configurationHash: self.identity.configurationHash,
            nextStep: nextStep, acceptedSlots: acceptedSlots, slotCount: slotCount, host: self.identity.host,
            processID: self.identity.processID, contents: self.identity.contents, discarded: discarded,
            settings: self.identity.settings, laterSteps: laterSteps)
    }

    /// What every heartbeat says, made at the time it is sent; the role adds its own.
    /// - Parameters:
    ///   - wait: Whom or what the process waits for; nil when it does not.
    ///   - counters: What the state has counted; what `gauges` counts is added.
    package mutating func heartbeat(
        _ activity: Heartbeat.Activity, waitingFor wait: Wait?, gauges: Gauges, counters: MetricCounters,
        version: PolicyVersion, draining: Bool, now: ContinuousClock.Instant
    ) -> Heartbeat {
        self.waits.become(wait, now: now)
        self.rate.count(gauges.tokens, now: now)
        let current = self.waits.current
        return Heartbeat(
            activity: activity, isWaiting: current != nil, waitingFor: current?.what.text ?? "",
            waitingMilliseconds: current?.elapsed(now: now).milliseconds ?? 0, progress: gauges.progress,
            tokens: gauges.tokens, tokensPerSecond: self.rate.tokensPerSecond, policyVersion: version, credit: 0,
            leases: [], residentBytes: gauges.residentBytes, draining: draining, counters: counters + gauges.counters,
            complaint: gauges.complaint, passes: gauges.passes, passMilliseconds: gauges.passMilliseconds)
    }
}
