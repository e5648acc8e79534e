package import EADCore

/// Who takes part in the run, and which of several processes of one name speaks for it.
///
/// Every admitted life of a process gets an epoch, larger than any before it. A life that was replaced is fenced for
/// good: neither its old epoch nor another hello of it is accepted, so of two processes with one name one stops. It is
/// the older one: a process that was never admitted is newer than any that was, and of two that were by an earlier life
/// of the controller the one with the smaller epoch is older. Of two that never were, the later hello wins.
package struct Membership: Sendable {
    /// The answer to a hello.
    package enum Admission: Hashable, Sendable {
        /// The node is a member under `epoch`; `fenced` is the epoch of the member whose place it took.
        case welcome(epoch: Epoch, fenced: Epoch?)
        case refused(Objection)
    }

    /// Why a process is not admitted.
    package enum Objection: Hashable, Sendable {
        /// No node of that name is in the cluster file.
        case unknownNode
        /// The cluster file gives that node the role `expected`.
        case wrongRole(expected: Role)
        /// A newer process of that name took over; this one must stop.
        case fenced
    }

    /// What a message's sender and epoch say about its authority.
    package enum Standing: Hashable, Sendable {
        case current
        /// A newer process of that name took over; the sender must stop.
        case fenced
        /// Not a member (any more) under that epoch: the sender should say hello.
        case unknown
    }

    private struct Life {
        var nonce: [UInt8]
        /// What its first hello said about its age: smaller is older.
        var age: UInt64
        /// The first epoch given to this process; the ones since then are its own too.
        var firstEpoch: Epoch
        var epoch: Epoch
        var isMember: Bool
    }

    /// Replaced processes remembered per node, so that none of them comes back.
    private static let rememberedFenced = 64

    /// The cluster file: which nodes may join, and as what.
    package let nodes: [NodeID: Role]
    /// The largest epoch given so far; durable before any message carries it.
    package private(set) var lastEpoch: Epoch
    /// Epochs up to this one were given by earlier lives of this controller, which did not leave behind to whom.
    private let inheritedEpoch: Epoch
    private var lives: [NodeID: Life] = [:]
    private var fenced: [NodeID: [[UInt8]]] = [:]

    /// - Parameter lastEpoch: The largest epoch of earlier lives of this controller, 0 for a new run.
    package init(nodes: [NodeID: Role], lastEpoch: Epoch = Epoch(0)) {
        self.nodes = nodes
        self.lastEpoch = lastEpoch
        self.inheritedEpoch = lastEpoch
    }

    /// A process introduces itself; `nonce` tells it from other processes of the same name, and `epoch` is the last one
    /// it was given by any life of the controller, 0 for none.
    ///
    /// The same process asking again gets the same answer. When the answer is a new epoch, `lastEpoch` grew and must be
    /// made durable before the answer is sent.
    package mutating func hello(
        node: NodeID, role: Role, nonce: [UInt8], epoch: Epoch = Epoch(0), now: ContinuousClock.Instant
    ) -> Admission {
        guard let expected = self.nodes[node] else { return .refused(.unknownNode) }
        guard expected == role else { return .refused(.wrongRole(expected: expected)) }
        if self.fenced[node]?.contains(nonce) == true { return .refused(.fenced) }
        let before = self.lives[node]
        if let before, before.nonce == nonce, before.isMember {
            return .welcome(epoch: before.epoch, fenced: nil)
        }
        let age = epoch.rawValue == 0 ? UInt64.max : epoch.rawValue
        if let before, before.nonce != nonce, age < before.age { return .refused(.fenced) }
        self.lastEpoch = Epoch(self.lastEpoch.rawValue + 1)
        var life = Life(nonce: nonce, age: age, firstEpoch: self.lastEpoch, epoch: self.lastEpoch, isMember: true)
        var fencedEpoch: Epoch?
        if let before, before.nonce == nonce {
            life.firstEpoch = before.firstEpoch
            life.age = before.age
        } else if let before {
            self.fenced[node, default: []].append(before.nonce)
            if self.fenced[node, default: []].count > Self.rememberedFenced { self.fenced[node]?.removeFirst() }
            if before.isMember { fencedEpoch = before.epoch }
        }
        self.lives[node] = life
        return .welcome(epoch: life.epoch, fenced: fencedEpoch)
    }

    /// Whether a message of `node` under `epoch` may be acted on.
    package func check(node: NodeID, epoch: Epoch) -> Standing {
        guard let life = self.lives[node] else { return .unknown }
        if epoch == life.epoch { return life.isMember ? .current : .unknown }
        // After a restart of the controller a member's own words from before its welcome come under its old epoch.
        return epoch > self.inheritedEpoch && epoch < life.firstEpoch ? .fenced : .unknown
    }

    /// The node left or is given up for dead; the same process may say hello again and gets a new epoch.
    ///
    /// - Returns: The epoch that ended, nil when the node was no member.
    @discardableResult
    package mutating func leave(_ node: NodeID) -> Epoch? {
        guard let life = self.lives[node], life.isMember else { return nil }
        self.lives[node]?.isMember = false
        return life.epoch
    }

    /// The epoch of a member, nil for a node that is none.
    package func epoch(of node: NodeID) -> Epoch? {
        self.lives[node].flatMap { $0.isMember ? $0.epoch : nil }
    }

    /// The present members, in order of name.
    package var members: [NodeID] { self.lives.filter { $0.value.isMember }.keys.sorted() }

    /// The present members of a role, in order of name.
    package func members(_ role: Role) -> [NodeID] { self.members.filter { self.nodes[$0] == role } }
}
