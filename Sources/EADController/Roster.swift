import EADCore
import EADMessages
import EADProtocol

/// Who takes part in the run: its members with the last that was heard of them, and those that are missed.
struct Roster: Sendable {
    struct Entry: Sendable {
        var role: Role
        /// Where answers go.
        var peer: Peer
        /// Host and process, for a person.
        var process: String
        var heartbeat: Heartbeat
    }

    /// The last that was known of a member given up for dead.
    struct Fallen: Sendable {
        var entry: Entry
        var epoch: Epoch
        var lastHeard: ContinuousClock.Instant
    }

    private(set) var members: [NodeID: Entry] = [:]
    /// Given up for dead, and not back yet.
    private(set) var fallen: [NodeID: Fallen] = [:]
    /// The last words of those that ended because of a fault, and are not back yet.
    private(set) var failures: [NodeID: String] = [:]
    private var membership: Membership
    private var liveness: Liveness
    /// Of all members, since it was taken last.
    private var idle = IdleTime()

    /// - Parameter lastEpoch: The largest epoch of earlier lives of this controller.
    init(nodes: [NodeID: Role], lastEpoch: Epoch, liveness: LivenessConfiguration) {
        self.membership = Membership(nodes: nodes, lastEpoch: lastEpoch)
        self.liveness = Liveness(liveness)
    }

    /// The cluster file's.
    var nodes: [NodeID: Role] { self.membership.nodes }
    /// The largest epoch given so far; durable before any message carries it.
    var lastEpoch: Epoch { self.membership.lastEpoch }

    func has(_ role: Role) -> Bool { self.members.values.contains { $0.role == role } }
    func epoch(of node: NodeID) -> Epoch? { self.membership.epoch(of: node) }
    func health(of node: NodeID, now: ContinuousClock.Instant) -> Health { self.liveness.health(of: node, now: now) }
    func silence(of node: NodeID, now: ContinuousClock.Instant) -> Duration {
        self.liveness.silence(of: node, now: now) ?? .zero
    }

    func standing(of envelope: Envelope) -> Membership.Standing {
        self.membership.check(node: envelope.sender, epoch: envelope.epoch)
    }

    // MARK: Coming and going

    /// A process introduces itself; a welcome makes it a member.
    mutating func admit(
        _ hello: Hello, _ envelope: Envelope, from peer: Peer, now: ContinuousClock.Instant
    ) -> Membership.Admission {
        let node = envelope.sender
        let lastEpoch = self.lastEpoch
        let admission = self.membership.hello(
            node: node, role: hello.role, nonce: hello.nonce, epoch: envelope.epoch, now: now)
        guard case .welcome = admission else { return admission }
        if lastEpoch < self.lastEpoch { self.idle.forget(node) }
        self.members[node] = Entry(
            role: hello.role, peer: peer, process: "\(hello.host):\(hello.processID)", heartbeat: .none)
        self.fallen[node] = nil
        self.failures[node] = nil
        self.liveness.heard(node, progress: 0, busy: false, now: now)
        return admission
    }

    /// The node left; nil when it was no member.
    @discardableResult
    mutating func remove(_ node: NodeID) -> Entry? {
        self.membership.leave(node)
        self.liveness.forget(node)
        self.idle.forget(node)
        return self.members.removeValue(forKey: node)
    }

    /// The node ended because of a fault; it is missed like a dead one.
    mutating func mourn(_ node: NodeID, lastWords: String) { self.failures[node] = lastWords }

    /// Removes the members silent for too long.
    /// - Returns: Who that was, and for how long, in order of name.
    mutating func removeDead(now: ContinuousClock.Instant) -> [(node: NodeID, role: Role, silent: Duration)] {
        let dead = self.members.keys.sorted().filter { self.liveness.health(of: $0, now: now) == .dead }
        return dead.compactMap { node in
            let silent = self.silence(of: node, now: now)
            let epoch = self.epoch(of: node)
            guard let entry = self.remove(node) else { return nil }
            if let epoch { self.fallen[node] = Fallen(entry: entry, epoch: epoch, lastHeard: now - silent) }
            return (node, entry.role, silent)
        }
    }

    // MARK: Hearing

    /// A message of a member came in from `peer`, which is where it is to be answered from now on.
    mutating func meet(_ node: NodeID, at peer: Peer) { self.members[node]?.peer = peer }

    mutating func hear(_ heartbeat: Heartbeat, of node: NodeID, now: ContinuousClock.Instant) {
        let busy = !heartbeat.leases.isEmpty || heartbeat.activity == .training
        self.liveness.heard(node, progress: heartbeat.progress, busy: busy, now: now)
        self.idle.heard(node, isWaiting: heartbeat.isWaiting, now: now)
        self.members[node]?.heartbeat = heartbeat
    }

    /// Which share of the time since this was asked last the members of a role have waited; nil when none was measured.
    mutating func takeIdleShare(of role: Role, now: ContinuousClock.Instant) -> Double? {
        self.idle.takeShare(of: self.members.filter { $0.value.role == role }.keys, now: now)
    }
}

extension Heartbeat {
    /// What is known of a member before its first heartbeat.
    static var none: Heartbeat {
        Heartbeat(
            activity: .joining, isWaiting: false, waitingFor: "", waitingMilliseconds: 0, progress: 0, tokens: 0,
            tokensPerSecond: 0,
            policyVersion: PolicyVersion(0), credit: 0, leases: [], residentBytes: 0, draining: false)
    }
}
