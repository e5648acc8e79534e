public import EADCore

/// The controller offers a worker the right to produce a group.
public struct LeaseOffer: Hashable, Sendable {
    public var lease: Lease

    public init(lease: Lease) { self.lease = lease }
}

/// The worker takes the lease on; without it the offer lapses.
public struct LeaseAccept: Hashable, Sendable {
    public var lease: HeldLease

    public init(lease: HeldLease) { self.lease = lease }
}

/// The worker is done with a lease, one way or the other.
public struct LeaseReturn: Hashable, Sendable {
    public enum Outcome: UInt32, Hashable, Sendable, CaseIterable {
        /// The learner acknowledged the group, or (evaluation) `samples` holds the result.
        case completed = 1
        /// The worker is draining or cannot take it; nothing was lost.
        case declined = 2
        /// It could not be produced; `reason` says why.
        case failed = 3
    }

    public var lease: HeldLease
    public var outcome: Outcome
    public var reason: String
    /// One entry per sample of an evaluation lease; empty for training.
    public var samples: [EvaluatedSample]

    public init(lease: HeldLease, outcome: Outcome, reason: String = "", samples: [EvaluatedSample] = []) {
        self.lease = lease
        self.outcome = outcome
        self.reason = reason
        self.samples = samples
    }
}

/// The learner's answer to a rollout group.
public struct GroupAck: Hashable, Sendable {
    public enum Status: UInt32, Hashable, Sendable, CaseIterable {
        /// Durable; will be trained.
        case accepted = 1
        /// An equal group was accepted before; the work is done.
        case duplicate = 2
        /// Its step is over or its policy too old; drop it.
        case stale = 3
        /// It contradicts the run; `reason` says how.
        case refused = 4
    }

    public var lease: HeldLease
    public var status: Status
    public var reason: String

    public init(lease: HeldLease, status: Status, reason: String = "") {
        self.lease = lease
        self.status = status
        self.reason = reason
    }
}
