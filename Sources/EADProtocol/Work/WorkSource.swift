package import EADCore

/// Something whose groups are leased to workers: the open steps of training, or an evaluation.
///
/// Sources do not know each other. Which of them is asked when is for the controller to decide.
package protocol WorkSource: Sendable {
    /// The groups there are to produce now, in the order in which they are given out.
    var tables: [WorkTable] { get set }

    /// Whether any of them is given out now.
    var isOpen: Bool { get }
}

extension WorkSource {
    // MARK: Looking

    /// Whether the group is one of this source's.
    package func covers(_ group: GroupID) -> Bool { self.place(of: group) != nil }

    /// Leased groups, offers included.
    package var leasedCount: Int { self.tables.reduce(0) { $0 + $1.leases.leasedCount } }

    /// Adds how many leases each worker has, offers included.
    package func count(into counts: inout [NodeID: Int]) {
        for table in self.tables { table.leases.count(into: &counts) }
    }

    /// Those of the leases whose groups are safe, whoever made them.
    package func finished(of leases: [LeaseID]) -> [LeaseID] {
        leases.filter { lease in
            self.place(of: lease.group).map { self.tables[$0].leases.isComplete(lease.group.slot) } ?? false
        }
    }

    /// A group that failed too often; the run cannot go on while there is one.
    package func poisoned(among able: Set<NodeID>) -> LeaseTable.PoisonedGroup? {
        self.tables.lazy.compactMap { $0.leases.poisoned(among: able).first }.first
    }

    // MARK: Leases

    /// Leases the next group to `node`: the lowest step that has one; nil when no group is available to it.
    /// - Parameter able: The workers that could take a lease now or soon.
    package mutating func offer(
        to node: NodeID, among able: Set<NodeID> = [], now: ContinuousClock.Instant
    ) -> Lease? {
        guard self.isOpen else { return nil }
        for place in self.tables.indices {
            if let lease = self.tables[place].offer(to: node, among: able, now: now) { return lease }
        }
        return nil
    }

    /// Leases the oldest group that one of `slower` holds to `node` as well: the lowest step that has one; nil for none.
    package mutating func offerCopy(to node: NodeID, of slower: Set<NodeID>, now: ContinuousClock.Instant) -> Lease? {
        guard self.isOpen else { return nil }
        for place in self.tables.indices {
            if let lease = self.tables[place].offerCopy(to: node, of: slower, now: now) { return lease }
        }
        return nil
    }

    /// The worker takes an offer on; nothing happens when the offer has lapsed or is not its own.
    package mutating func accept(_ lease: LeaseID, by node: NodeID, now: ContinuousClock.Instant) {
        self.change(lease.group) { $0.accept(node: node, slot: lease.group.slot, attempt: lease.attempt, now: now) }
    }

    /// A worker that gets on lists what it holds: the deadlines of its leases move, and leases given by an earlier life
    /// of the controller are taken over.
    package mutating func renew(_ leases: [LeaseID], of node: NodeID, now: ContinuousClock.Instant) {
        for place in self.tables.indices {
            let held = leases.filter { self.tables[place].leases.covers($0.group) }
            let duration = self.tables[place].terms.duration
            for lease in self.tables[place].leases.renew(node: node, groups: held, now: now) {
                let (slot, attempt) = (lease.group.slot, lease.attempt)
                let isAdopted = self.tables[place].leases.adopt(
                    node: node, slot: slot, attempt: attempt, now: now, duration: duration)
                guard !isAdopted else { continue }
                self.tables[place].leases.adoptCopy(
                    node: node, slot: slot, attempt: attempt, now: now, duration: duration)
            }
        }
    }

    /// Ends what the worker took on and does not list any more, though no word of its end came.
    package mutating func endUnlisted(by node: NodeID, listing leases: [LeaseID]) -> [EndedLease] {
        self.tables.indices.flatMap { self.tables[$0].leases.endUnlisted(by: node, listing: leases) }
    }

    /// The worker gives a lease back untouched.
    package mutating func decline(_ lease: LeaseID, by node: NodeID) {
        self.change(lease.group) { $0.declined(node: node, slot: lease.group.slot, attempt: lease.attempt) }
    }

    /// The worker says that a group of its is safe.
    /// - Returns: Whether it was a second copy, and there before the first.
    package mutating func delivered(_ lease: LeaseID) -> Bool {
        guard let place = self.place(of: lease.group) else { return false }
        return self.tables[place].leases.delivered(lease.group.slot, attempt: lease.attempt)
    }

    /// The worker could not produce a group.
    package mutating func fail(_ lease: LeaseID, by node: NodeID, reason: String) {
        self.change(lease.group) {
            $0.failed(node: node, slot: lease.group.slot, attempt: lease.attempt, reason: reason)
        }
    }

    /// The node is gone: what it alone held is available at once.
    @discardableResult
    package mutating func release(_ node: NodeID) -> [EndedLease] {
        self.tables.indices.flatMap { self.tables[$0].leases.release(node: node) }
    }

    /// Ends the leases whose deadline has come.
    package mutating func expire(now: ContinuousClock.Instant) -> [EndedLease] {
        self.tables.indices.flatMap { self.tables[$0].leases.expire(now: now) }
    }

    // MARK: Inside

    private func place(of group: GroupID) -> Int? { self.tables.firstIndex { $0.leases.covers(group) } }

    private mutating func change(_ group: GroupID, _ body: (inout LeaseTable) -> Bool) {
        guard let place = self.place(of: group) else { return }
        _ = body(&self.tables[place].leases)  // Whether the lease was its own is no matter to anybody.
    }
}
