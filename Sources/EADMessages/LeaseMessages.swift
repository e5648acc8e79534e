package import EADCore

/// The controller offers a worker the right to produce a group.
package struct LeaseOffer: Hashable, Sendable {
    package var lease: Lease

    package init(lease: Lease) { self.lease = lease }
}

/// The worker takes the lease on; without it the offer lapses.
package struct LeaseAccept: Hashable, Sendable {
    package var lease: LeaseID

    package init(lease: LeaseID) { self.lease = lease }
}

/// The worker is done with a lease, one way or the other.
package struct LeaseReturn: Hashable, Sendable {
    package enum Outcome: UInt32, Hashable, Sendable, CaseIterable {
        /// The learner acknowledged the group, or (evaluation) `samples` holds the result.
        case completed = 1
        /// The worker is draining or cannot take it; nothing was lost.
        case declined = 2
        /// It could not be produced; `reason` says why.
        case failed = 3
    }

    package var lease: LeaseID
    package var outcome: Outcome
    package var reason: String
    /// One entry per sample of an evaluation lease; empty for training.
    package var samples: [EvaluatedSample]

    package init(lease: LeaseID, outcome: Outcome, reason: String = "", samples: [EvaluatedSample] = []) {
        self.lease = lease
        self.outcome = outcome
        self.reason = reason
        self.samples = samples
    }
}

/// The learner's answer to a rollout group.
package struct GroupAck: Hashable, Sendable {
    package enum Status: UInt32, Hashable, Sendable, CaseIterable {
        /// Durable; will be trained.
        case accepted = 1
        /// An equal group was accepted before; the work is done.
        case duplicate = 2
        /// Its step is over or its policy too old; drop it.
        case stale = 3
        /// It contradicts the run; `reason` says how.
        case refused = 4
    }

    package var lease: LeaseID
    package var status: Status
    package var reason: String

    package init(lease: LeaseID, status: Status, reason: String = "") {
        self.lease = lease
        self.status = status
        self.reason = reason
    }
}
