package import EADCore

/// Who produces which group of one step: at any time a slot is available, leased to one worker, or complete.
///
/// A slot leaves the leased state by its result, or by the loss of the lease: returned, lapsed, expired, or its holder
/// gone. A complete slot becomes available when its group is thrown out, which is a failure of whoever sent the group, or
/// lost. Then it is offered again under the next attempt. A late result of an earlier attempt completes the slot all the
/// same, because all attempts give equal samples.
///
/// One worker's failures say little about a group. Who failed a slot gets it again only when every other worker that
/// could take it has failed it as well, and only then, or when many different workers failed it, is it given up.
package struct LeaseTable: Sendable {
    private enum State {
        case available
        case leased(Lease)
        case complete
    }

    private struct Lease {
        var node: NodeID
        var attempt: UInt32
        var isAccepted: Bool
        var duration: Duration
        var deadline: ContinuousClock.Instant
    }

    private struct Slot {
        var state = State.available
        /// The largest attempt given or heard of; 0 before the first.
        var attempt: UInt32 = 0
        /// Attempts of each worker that failed, lapsed or expired; a death or a refusal to begin is none.
        var failures: [NodeID: Int] = [:]
        var lastFailure = ""
        /// The largest attempt that ended by its holder's word or its deadline: it is not adopted again.
        var endedAttempt: UInt32 = 0
        /// Groups that were safe and were thrown out again, by all lives of the learner.
        var discards = 0

        var failureCount: Int { self.failures.values.reduce(0, +) }

        /// Whether nobody of `able` is left who has not failed it.
        func isFailed(byAllOf able: Set<NodeID>) -> Bool { able.allSatisfy { self.failures[$0] != nil } }
    }

    /// A group that cannot be produced.
    package struct PoisonedGroup: Hashable, Sendable {
        package var group: GroupID
        package var failures: Int
        /// Why the last attempt failed.
        package var reason: String
    }

    /// What reporting a slot as complete changed.
    package enum Completion: Hashable, Sendable {
        case completed
        case alreadyComplete
        /// The table has fewer slots.
        case noSuchSlot
    }

    package let purpose: Purpose
    package let step: GlobalStep
    /// How long an offer waits for its acceptance.
    package let offerTimeout: Duration
    /// Different workers after whose failures a slot is poisoned; failures of fewer, when nobody else is left to try it.
    package let maximumAttempts: Int
    package private(set) var count: Int
    /// Of the slots there are, and behind them of those that are gone.
    private var slots: [Slot]
    /// Slots in state `complete`.
    package private(set) var completeCount = 0

    package init(
        purpose: Purpose, step: GlobalStep, count: Int, offerTimeout: Duration = .seconds(5),
        maximumAttempts: Int = 5
    ) {
        precondition(count >= 0 && maximumAttempts >= 1, "a table of \(count) slots, \(maximumAttempts) attempts")
        self.purpose = purpose
        self.step = step
        self.offerTimeout = offerTimeout
        self.maximumAttempts = maximumAttempts
        self.count = count
        self.slots = Array(repeating: Slot(), count: count)
    }

    /// Adds available slots behind the present ones until there are `count`; never takes one away.
    package mutating func extend(to count: Int) {
        self.count = max(self.count, count)
        self.slots += Array(repeating: Slot(), count: max(0, self.count - self.slots.count))
    }

    /// Of all groups exactly those of `held` are safe, and there are at most `count` slots.
    ///
    /// What was complete beyond them is available again. Leases go on, also of a slot that is gone: it may come back.
    package mutating func recall(to held: Set<UInt32>, of count: Int) {
        for slot in self.completeSlots where !held.contains(slot) { self.slots[Int(slot)].state = .available }
        self.completeCount = self.completeSlots.count
        self.count = min(self.count, count)
    }

    // MARK: Granting

    /// Leases the next slot to `node`; nil when none is available to it.
    ///
    /// The slot is the lowest of those offered least often, so that one that keeps being declined holds up no other.
    /// The lease lapses after `offerTimeout` without acceptance, and expires `duration` after the offer unless renewed.
    /// - Parameter able: The workers that could take a lease now or soon; who failed a slot leaves it to the others.
    package mutating func offer(
        to node: NodeID, among able: Set<NodeID> = [], now: ContinuousClock.Instant, duration: Duration
    ) -> LeaseID? {
        let available = (0..<self.count).filter { place in
            guard case .available = self.slots[place].state, !self.isPoisoned(place, among: able) else { return false }
            return self.slots[place].failures[node] == nil || self.slots[place].isFailed(byAllOf: able)
        }
        guard let slot = available.min(by: { (self.slots[$0].attempt, $0) < (self.slots[$1].attempt, $1) }) else {
            return nil
        }
        self.slots[slot].attempt += 1
        let attempt = self.slots[slot].attempt
        self.slots[slot].state = .leased(
            Lease(
                node: node, attempt: attempt, isAccepted: false, duration: duration,
                deadline: now.advanced(by: min(self.offerTimeout, duration))))
        return LeaseID(group: self.group(slot), attempt: attempt)
    }

    /// The worker takes an offer on; false when the offer has lapsed or is not its own.
    @discardableResult
    package mutating func accept(
        node: NodeID, slot: UInt32, attempt: UInt32, now: ContinuousClock.Instant
    ) -> Bool {
        guard var lease = self.lease(of: slot, node: node, attempt: attempt) else { return false }
        if !lease.isAccepted {
            lease.isAccepted = true
            lease.deadline = now.advanced(by: lease.duration)
            self.slots[Int(slot)].state = .leased(lease)
        }
        return true
    }

    /// A heartbeat of `node` lists what it holds: counts as acceptance, and moves the deadlines to `duration` from now.
    ///
    /// To be called while the worker makes progress; the leases of a stalled one run out.
    ///
    /// - Returns: Groups of this table that the node lists and the table does not lease to it.
    @discardableResult
    package mutating func renew(
        node: NodeID, groups: some Sequence<LeaseID>, now: ContinuousClock.Instant
    ) -> [LeaseID] {
        groups.filter { self.covers($0.group) }.filter { held in
            guard var lease = self.lease(of: held.group.slot, node: node, attempt: held.attempt) else { return true }
            lease.isAccepted = true
            lease.deadline = max(lease.deadline, now.advanced(by: lease.duration))
            self.slots[Int(held.group.slot)].state = .leased(lease)
            return false
        }
    }

    /// Takes over a lease without a record here: an earlier life of the controller gave it, or its holder was taken for
    /// dead and comes back.
    ///
    /// False when the slot is no longer free, or when this very attempt ended here: what a stalled worker still lists
    /// after its lease expired stays free for others.
    @discardableResult
    package mutating func adopt(
        node: NodeID, slot: UInt32, attempt: UInt32, now: ContinuousClock.Instant, duration: Duration
    ) -> Bool {
        guard self.slots.indices.contains(Int(slot)), attempt >= 1 else { return false }
        self.slots[Int(slot)].attempt = max(self.slots[Int(slot)].attempt, attempt)
        guard case .available = self.slots[Int(slot)].state, attempt > self.slots[Int(slot)].endedAttempt else {
            return false
        }
        self.slots[Int(slot)].state = .leased(
            Lease(
                node: node, attempt: attempt, isAccepted: true, duration: duration,
                deadline: now.advanced(by: duration)))
        return true
    }

    // MARK: Ending

    /// The slot's group is safe where it is needed, whoever produced it under whichever attempt.
    @discardableResult
    package mutating func complete(_ slot: UInt32) -> Completion {
        guard slot < self.count else { return .noSuchSlot }
        if case .complete = self.slots[Int(slot)].state { return .alreadyComplete }
        self.slots[Int(slot)].state = .complete
        self.completeCount += 1
        return .completed
    }

    /// The worker gives the lease back untouched; false when it was not its own any more.
    @discardableResult
    package mutating func declined(node: NodeID, slot: UInt32, attempt: UInt32) -> Bool {
        guard self.lease(of: slot, node: node, attempt: attempt) != nil else { return false }
        self.slots[Int(slot)].state = .available
        self.slots[Int(slot)].endedAttempt = attempt
        return true
    }

    /// The worker could not produce the group; false when the lease was not its own any more.
    @discardableResult
    package mutating func failed(node: NodeID, slot: UInt32, attempt: UInt32, reason: String) -> Bool {
        guard self.lease(of: slot, node: node, attempt: attempt) != nil else { return false }
        self.countFailure(Int(slot), of: node, attempt, reason)
        return true
    }

    /// The node is gone: its leases are available at once.
    @discardableResult
    package mutating func release(node: NodeID) -> [EndedLease] { self.lose { $0.node == node } }

    /// Ends the leases whose deadline is `now` or earlier; to be called regularly.
    @discardableResult
    package mutating func expire(now: ContinuousClock.Instant) -> [EndedLease] {
        let lost = self.lose { $0.deadline <= now }
        for lease in lost {
            self.countFailure(
                Int(lease.held.group.slot), of: lease.node, lease.held.attempt,
                lease.wasAccepted ? "held it past its deadline" : "did not take it on in time")
        }
        return lost
    }

    // MARK: Groups that are thrown out

    /// Groups of the slot that were thrown out, as far as is known here.
    package func discards(of slot: UInt32) -> Int {
        self.slots.indices.contains(Int(slot)) ? self.slots[Int(slot)].discards : 0
    }

    /// The group that was safe is not any more: `node` sent one that cannot be used.
    package mutating func discard(_ slot: UInt32, of node: NodeID, reason: String) {
        guard self.slots.indices.contains(Int(slot)) else { return }
        let place = Int(slot)
        self.slots[place].discards += 1
        // Somebody has it already when an earlier life of the controller gave it out again.
        if case .leased = self.slots[place].state { return self.blame(node, for: place, reason) }
        if case .complete = self.slots[place].state { self.completeCount -= 1 }
        self.countFailure(place, of: node, self.slots[place].attempt, reason)
    }

    /// What was thrown out before this table was there, which says nothing about those who live.
    package mutating func setDiscards(of slot: UInt32, to count: Int) {
        guard self.slots.indices.contains(Int(slot)) else { return }
        self.slots[Int(slot)].discards = count
    }

    // MARK: Looking

    package var isComplete: Bool { self.completeCount == self.count }

    /// Slots leased to somebody, offers included.
    package var leasedCount: Int { self.leases.count }

    /// Slots that `offer` could give out now.
    package var availableCount: Int {
        self.slots.prefix(self.count).count { if case .available = $0.state { true } else { false } }
    }

    /// The slots whose groups are safe, in order.
    package var completeSlots: [UInt32] {
        self.slots.indices.filter { self.isComplete(UInt32($0)) }.map { UInt32($0) }
    }

    package func isComplete(_ slot: UInt32) -> Bool {
        guard self.slots.indices.contains(Int(slot)), case .complete = self.slots[Int(slot)].state else { return false }
        return true
    }

    /// The leases of each worker that has any, offers included, in order of slot.
    package var holders: [NodeID: [LeaseID]] {
        self.leases.reduce(into: [:]) { holders, entry in
            holders[entry.lease.node, default: []].append(
                LeaseID(group: self.group(entry.slot), attempt: entry.lease.attempt))
        }
    }

    /// The leases of one worker, offers included, in order of slot.
    package func held(by node: NodeID) -> [LeaseID] { self.holders[node] ?? [] }

    /// The groups that failed too often, where `able` are the workers that could take a lease; the run cannot go on
    /// while there is one.
    package func poisoned(among able: Set<NodeID> = []) -> [PoisonedGroup] {
        (0..<self.count).filter { self.isPoisoned($0, among: able) }.map { place in
            PoisonedGroup(
                group: self.group(place), failures: self.slots[place].failureCount,
                reason: self.slots[place].lastFailure)
        }
    }

    /// Whether the group is one of this table's.
    package func covers(_ group: GroupID) -> Bool {
        group.purpose == self.purpose && group.step == self.step && Int(group.slot) < self.slots.count
    }

    // MARK: Inside

    private func group(_ slot: Int) -> GroupID {
        GroupID(purpose: self.purpose, step: self.step, slot: UInt32(slot))
    }

    private var leases: [(slot: Int, lease: Lease)] {
        self.slots.indices.compactMap { slot in
            guard case .leased(let lease) = self.slots[slot].state else { return nil }
            return (slot, lease)
        }
    }

    private func lease(of slot: UInt32, node: NodeID, attempt: UInt32) -> Lease? {
        guard self.slots.indices.contains(Int(slot)), case .leased(let lease) = self.slots[Int(slot)].state,
            lease.node == node, lease.attempt == attempt
        else { return nil }
        return lease
    }

    private mutating func lose(_ isLost: (Lease) -> Bool) -> [EndedLease] {
        self.leases.filter { isLost($0.lease) }.map { slot, lease in
            self.slots[slot].state = .available
            let held = LeaseID(group: self.group(slot), attempt: lease.attempt)
            return EndedLease(held: held, node: lease.node, wasAccepted: lease.isAccepted)
        }
    }

    private mutating func countFailure(_ slot: Int, of node: NodeID, _ attempt: UInt32, _ reason: String) {
        self.blame(node, for: slot, reason)
        self.slots[slot].endedAttempt = attempt
        self.slots[slot].state = .available
    }

    private mutating func blame(_ node: NodeID, for slot: Int, _ reason: String) {
        self.slots[slot].failures[node, default: 0] += 1
        self.slots[slot].lastFailure = "\(node): \(reason)"
    }

    private func isPoisoned(_ place: Int, among able: Set<NodeID>) -> Bool {
        let slot = self.slots[place]
        guard case .available = slot.state, slot.failureCount >= self.maximumAttempts else { return false }
        return slot.failures.count >= self.maximumAttempts || slot.isFailed(byAllOf: able)
    }
}
