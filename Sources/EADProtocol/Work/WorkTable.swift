package import EADCore
import EADMessages

/// The groups of one step or of one evaluation: what each of them samples, and who produces it.
package struct WorkTable: Sendable {
    /// What the group of one slot samples.
    package struct Item: Hashable, Sendable {
        package var problem: Problem
        /// Key of its random numbers.
        package var seed: UInt64

        package init(problem: Problem, seed: UInt64) {
            self.problem = problem
            self.seed = seed
        }
    }

    /// What each slot samples.
    package private(set) var items: [Item]
    /// Who produces each slot; as many slots as there are items.
    package internal(set) var leases: LeaseTable
    /// Responses per group.
    package let samples: UInt32
    /// What its groups may be sampled with at least.
    package let oldestVersion: PolicyVersion
    package let terms: LeaseTerms

    package init(
        purpose: Purpose, step: GlobalStep, items: [Item], samples: UInt32, oldestVersion: PolicyVersion,
        terms: LeaseTerms
    ) {
        self.items = items
        self.leases = LeaseTable(
            purpose: purpose, step: step, count: items.count, offerTimeout: terms.offerTimeout,
            maximumAttempts: terms.maximumAttempts)
        self.samples = samples
        self.oldestVersion = oldestVersion
        self.terms = terms
    }

    package var step: GlobalStep { self.leases.step }
    package var count: Int { self.leases.count }
    package var completeCount: Int { self.leases.completeCount }
    package var isComplete: Bool { self.leases.isComplete }
    /// Whether nothing of it was given out, or everything given out came back unfinished.
    package var isUntouched: Bool { self.leases.leasedCount == 0 && self.leases.completeCount == 0 }

    /// Leases the next slot to `node`; nil when none is available to it.
    package mutating func offer(
        to node: NodeID, among able: Set<NodeID> = [], now: ContinuousClock.Instant
    ) -> Lease? {
        self.leases.offer(to: node, among: able, now: now, duration: self.terms.duration).map(self.lease)
    }

    /// Leases a slot that one of `slower` holds to `node` as well; nil when there is none.
    package mutating func offerCopy(to node: NodeID, of slower: Set<NodeID>, now: ContinuousClock.Instant) -> Lease? {
        self.leases.offerCopy(to: node, of: slower, now: now, duration: self.terms.duration).map(self.lease)
    }

    private func lease(_ offered: LeaseID) -> Lease {
        let item = self.items[Int(offered.group.slot)]
        return Lease(
            group: offered.group, attempt: offered.attempt, oldestVersion: self.oldestVersion, problem: item.problem,
            samples: self.samples, seed: item.seed, duration: self.terms.duration)
    }

    /// Adds available slots behind the present ones.
    mutating func append(_ items: some Collection<Item>) {
        self.items += items
        self.leases.extend(to: self.items.count)
    }

    /// Of all groups exactly those of `held` are safe, and there are at most `count` slots.
    mutating func recall(to held: some Sequence<UInt32>, of count: Int) {
        self.leases.recall(to: Set(held), of: count)
        self.items.removeLast(self.items.count - self.leases.count)
    }

    /// Takes over how many groups of each slot the learner threw out.
    mutating func countDiscards(_ held: GroupsAccepted) {
        let discards = held.discards
        for slot in 0..<UInt32(self.count) { self.leases.setDiscards(of: slot, to: discards[slot, default: 0]) }
    }
}
