package import EADCore

/// Who produces which group of one step: at any time a slot is available, leased, or complete.
///
/// A slot is leased to one worker or, as a second copy, to two; whose result comes first completes it for both. It leaves
/// the leased state by a result, or by the loss of its leases: returned, lapsed, expired, or their holders gone. One that
/// loses one of two goes on with the other. A complete slot becomes available when its group is thrown out, which is a
/// failure of whoever sent the group, or lost. Then it is offered again under the next attempt. A late result of an
/// earlier attempt completes the slot all the same, because all attempts give equal samples.
///
/// One worker's failures say little about a group. Who failed a slot gets it again only when every other worker that
/// could take it has failed it as well, and only then, or when many different workers failed it, is it given up.
package struct LeaseTable: Sendable {
    private enum State {
        case available
        /// To one worker or two, in the order in which they were given it.
        case leased([Lease])
        case complete
    }

    private struct Lease {
        var node: NodeID
        var attempt: UInt32
        var isAccepted: Bool
        var duration: Duration
        var deadline: ContinuousClock.Instant
        /// Its holder says that the group is safe; the learner has still to say so.
        var isDelivered = false
        /// Heartbeats in a row that did not list it.
        var omissions = 0
    }

    private struct Slot {
        var state = State.available
        /// The largest attempt given or heard of; 0 before the first.
        var attempt: UInt32 = 0
        /// Attempts of each worker that failed, lapsed or expired; a death or a refusal to begin is none.
        var failures: [NodeID: Int] = [:]
        var lastFailure = ""
        /// The largest attempt of each worker that ended by its word or its deadline: it is not adopted again.
        var endedAttempts: [NodeID: UInt32] = [:]
        /// The attempt given last as a second copy, until somebody says that the group is safe.
        var copy: UInt32?
        /// Groups that were safe and were thrown out again, by all lives of the learner.
        var discards = 0

        var failureCount: Int { self.failures.values.reduce(0, +) }

        /// Nobody's unless it is leased.
        var leases: [Lease] { if case .leased(let leases) = self.state { leases } else { [] } }

        /// Whether `node` may go on under an attempt that is not known here.
        func mayAdopt(_ attempt: UInt32, of node: NodeID) -> Bool { attempt > self.endedAttempts[node, default: 0] }

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
        return self.lease(slot, to: node, now: now, duration: duration)
    }

    /// Leases the lowest slot that one of `slower` holds to `node` as well; nil when there is none.
    ///
    /// A slot has one copy at a time, which is given only while its holder is at work, and never to who failed it.
    package mutating func offerCopy(
        to node: NodeID, of slower: Set<NodeID>, now: ContinuousClock.Instant, duration: Duration
    ) -> LeaseID? {
        let slot = (0..<self.count).first { place in
            let leases = self.slots[place].leases
            guard leases.count == 1, leases[0].isAccepted, leases[0].node != node else { return false }
            return slower.contains(leases[0].node) && self.slots[place].failures[node] == nil
        }
        guard let slot else { return nil }
        let copy = self.lease(slot, to: node, now: now, duration: duration)
        self.slots[slot].copy = copy.attempt
        return copy
    }

    private mutating func lease(
        _ slot: Int, to node: NodeID, now: ContinuousClock.Instant, duration: Duration
    ) -> LeaseID {
        self.slots[slot].attempt += 1
        let attempt = self.slots[slot].attempt
        let lease = Lease(
            node: node, attempt: attempt, isAccepted: false, duration: duration,
            deadline: now.advanced(by: min(self.offerTimeout, duration)))
        self.slots[slot].state = .leased(self.slots[slot].leases + [lease])
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
            self.put(lease, in: Int(slot))
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
            self.put(lease, in: Int(held.group.slot))
            return false
        }
    }

    /// Ends what `node` took on and leaves out of two heartbeats in a row: it has ended, and word of it was lost.
    ///
    /// Letters of one process keep their order, so that word would have come first. Of a group that its holder says to be
    /// safe the learner will speak.
    package mutating func endUnlisted(by node: NodeID, listing held: [LeaseID]) -> [EndedLease] {
        var ended: [EndedLease] = []
        for slot in self.slots.indices {
            for var lease in self.slots[slot].leases
            where lease.node == node && lease.isAccepted && !lease.isDelivered {
                let id = LeaseID(group: self.group(slot), attempt: lease.attempt)
                let omissions = held.contains(id) ? 0 : lease.omissions + 1
                if omissions == 2 {
                    self.end(lease.attempt, of: node, in: slot)
                    ended.append(EndedLease(held: id, node: node, wasAccepted: true))
                } else if omissions != lease.omissions {
                    lease.omissions = omissions
                    self.put(lease, in: slot)
                }
            }
        }
        return ended
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
        self.takeOver(slot, attempt, by: node, now, duration) { if case .available = $0.state { true } else { false } }
    }

    /// Takes over the lease of a second worker that is at work on a slot, likewise.
    ///
    /// False when it has no holder, or as many as it can have.
    @discardableResult
    package mutating func adoptCopy(
        node: NodeID, slot: UInt32, attempt: UInt32, now: ContinuousClock.Instant, duration: Duration
    ) -> Bool {
        self.takeOver(slot, attempt, by: node, now, duration) { $0.leases.count == 1 && $0.leases[0].node != node }
    }

    private mutating func takeOver(
        _ slot: UInt32, _ attempt: UInt32, by node: NodeID, _ now: ContinuousClock.Instant, _ duration: Duration,
        where hasRoom: (Slot) -> Bool
    ) -> Bool {
        let place = Int(slot)
        guard self.slots.indices.contains(place), attempt >= 1 else { return false }
        self.slots[place].attempt = max(self.slots[place].attempt, attempt)
        guard hasRoom(self.slots[place]), self.slots[place].mayAdopt(attempt, of: node) else { return false }
        let lease = Lease(
            node: node, attempt: attempt, isAccepted: true, duration: duration, deadline: now.advanced(by: duration))
        self.slots[place].state = .leased(self.slots[place].leases + [lease])
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

    /// The holder of an attempt, which may have ended here, says that the slot's group is safe.
    ///
    /// Whose was safe nobody says, but a worker hears of its own group before the other hears that there is one.
    /// - Returns: Whether the attempt was a second copy, and this the first word of either.
    package mutating func delivered(_ slot: UInt32, attempt: UInt32) -> Bool {
        guard self.slots.indices.contains(Int(slot)) else { return false }
        if var lease = self.slots[Int(slot)].leases.first(where: { $0.attempt == attempt }) {
            lease.isDelivered = true
            self.put(lease, in: Int(slot))
        }
        defer { self.slots[Int(slot)].copy = nil }
        return self.slots[Int(slot)].copy == attempt
    }

    /// The worker gives the lease back untouched; false when it was not its own any more.
    @discardableResult
    package mutating func declined(node: NodeID, slot: UInt32, attempt: UInt32) -> Bool {
        guard self.lease(of: slot, node: node, attempt: attempt) != nil else { return false }
        self.end(attempt, of: node, in: Int(slot))
        return true
    }

    /// The worker could not produce the group; false when the lease was not its own any more.
    @discardableResult
    package mutating func failed(node: NodeID, slot: UInt32, attempt: UInt32, reason: String) -> Bool {
        guard self.lease(of: slot, node: node, attempt: attempt) != nil else { return false }
        self.blame(node, for: Int(slot), reason)
        self.end(attempt, of: node, in: Int(slot))
        return true
    }

    /// The node is gone: what it alone held is available at once.
    @discardableResult
    package mutating func release(node: NodeID) -> [EndedLease] { self.lose { $0.node == node } }

    /// Ends the leases whose deadline is `now` or earlier; to be called regularly.
    @discardableResult
    package mutating func expire(now: ContinuousClock.Instant) -> [EndedLease] {
        let lost = self.lose { $0.deadline <= now }
        for lease in lost {
            let slot = Int(lease.held.group.slot)
            self.blame(
                lease.node, for: slot, lease.wasAccepted ? "held it past its deadline" : "did not take it on in time")
            self.end(lease.held.attempt, of: lease.node, in: slot)
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
        self.blame(node, for: place, reason)
        // Somebody has it already when an earlier life of the controller gave it out again.
        if case .leased = self.slots[place].state { return }
        if case .complete = self.slots[place].state { self.completeCount -= 1 }
        self.slots[place].state = .available
        self.slots[place].endedAttempts[node] = self.slots[place].attempt
    }

    /// What was thrown out before this table was there, which says nothing about those who live.
    package mutating func setDiscards(of slot: UInt32, to count: Int) {
        guard self.slots.indices.contains(Int(slot)) else { return }
        self.slots[Int(slot)].discards = count
    }

    // MARK: Looking

    package var isComplete: Bool { self.completeCount == self.count }

    /// Slots leased to somebody, offers included.
    package var leasedCount: Int { self.slots.count { !$0.leases.isEmpty } }

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

    /// Adds how many leases each worker has, offers included.
    package func count(into counts: inout [NodeID: Int]) {
        for slot in self.slots {
            if case .leased(let leases) = slot.state { for lease in leases { counts[lease.node, default: 0] += 1 } }
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
        self.slots.indices.flatMap { slot in self.slots[slot].leases.map { (slot, $0) } }
    }

    private func lease(of slot: UInt32, node: NodeID, attempt: UInt32) -> Lease? {
        guard self.slots.indices.contains(Int(slot)) else { return nil }
        return self.slots[Int(slot)].leases.first { $0.node == node && $0.attempt == attempt }
    }

    /// In the place of what it was before.
    private mutating func put(_ lease: Lease, in slot: Int) {
        self.slots[slot].state = .leased(self.slots[slot].leases.map { $0.node == lease.node ? lease : $0 })
    }

    /// Of two leases the other goes on.
    private mutating func remove(_ attempt: UInt32, of node: NodeID, from slot: Int) {
        guard case .leased(let leases) = self.slots[slot].state else { return }
        let others = leases.filter { $0.node != node || $0.attempt != attempt }
        self.slots[slot].state = others.isEmpty ? .available : .leased(others)
    }

    private mutating func end(_ attempt: UInt32, of node: NodeID, in slot: Int) {
        self.remove(attempt, of: node, from: slot)
        self.slots[slot].endedAttempts[node] = max(self.slots[slot].endedAttempts[node, default: 0], attempt)
    }

    private mutating func lose(_ isLost: (Lease) -> Bool) -> [EndedLease] {
        // Without a list of all: it is called at every tick, and most of the time there is none.
        var lost: [EndedLease] = []
        for slot in self.slots.indices {
            for lease in self.slots[slot].leases where isLost(lease) {
                self.remove(lease.attempt, of: lease.node, from: slot)
                let held = LeaseID(group: self.group(slot), attempt: lease.attempt)
                lost.append(EndedLease(held: held, node: lease.node, wasAccepted: lease.isAccepted))
            }
        }
        return lost
    }

    private mutating func blame(_ node: NodeID, for slot: Int, _ reason: String) {
        self.slots[slot].failures[node, default: 0] += 1
        self.slots[slot].lastFailure = "\(node): \(reason)"
    }

    private func isPoisoned(_ place: Int, among able: Set<NodeID>) -> Bool {
        guard case .available = self.slots[place].state else { return false }
        let slot = self.slots[place]
        guard slot.failureCount >= self.maximumAttempts else { return false }
        return slot.failures.count >= self.maximumAttempts || slot.isFailed(byAllOf: able)
    }
}
