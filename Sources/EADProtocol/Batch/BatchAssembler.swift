package import EADCore

/// The groups of one step as the learner receives them: each slot once, in any order, of a policy young enough.
///
/// A step begins with one slot per group it needs. Every accepted group that its filter refuses adds one slot, until
/// `maximumSlots`. So the step is complete exactly when the slots 0..<m are filled, for the smallest m that holds enough
/// kept groups: which ones these are does not depend on the order of arrival.
package struct BatchAssembler: Sendable {
    /// What becomes of a received group.
    package enum Judgement: Hashable, Sendable {
        /// New and valid: make it durable, then acknowledge it.
        case accept
        /// The slot is filled already: acknowledge it, it changes nothing.
        case duplicate
        /// The step does not have the slot yet, and perhaps never will: to be dropped by the sender.
        case early
        /// Its step is over or its policy too old: to be dropped by the sender.
        case stale
        /// It contradicts the run.
        case refuse(String)
    }

    /// The step being assembled.
    package let step: GlobalStep
    /// Rollouts each group must have.
    package let samples: Int
    package let gate: StalenessGate
    /// Received groups that differ from the one accepted for their slot under the same policy version.
    ///
    /// Equal leases give equal samples, so anything but 0 means that two workers compute differently.
    package private(set) var differingDuplicates = 0
    /// Groups the step needs.
    package let slots: Int
    /// Groups the step may take to find them, at least `slots`.
    package let maximumSlots: Int
    /// What responses can be; nil where the run is not known.
    private let terms: ResponseTerms?
    private let keeps: @Sendable (RolloutGroup) -> Bool
    /// Groups of the step accepted so far.
    package private(set) var acceptedCount = 0
    /// Those of them that the filter refused.
    package private(set) var filteredCount = 0
    /// Mean reward of all scored rollouts once the batch was taken, those of refused groups included.
    package private(set) var sampledReward = 0.0
    private var groups: [UInt32: RolloutGroup] = [:]
    private var isTaken = false

    /// - Parameters:
    ///   - slots: Groups each step needs.
    ///   - samples: Rollouts per group.
    ///   - bound: The largest allowed staleness; 0 is synchronous.
    ///   - maximumSlots: Groups a step may take to find the ones it needs; nil for no more than those.
    ///   - terms: What responses can be; nil to take any.
    ///   - keeps: The filter, a function of the group alone.
    package init(
        step: GlobalStep, slots: Int, samples: Int, bound: UInt64, maximumSlots: Int? = nil,
        terms: ResponseTerms? = nil, keeps: @escaping @Sendable (RolloutGroup) -> Bool = { _ in true }
    ) {
        let maximumSlots = maximumSlots ?? slots
        precondition(maximumSlots >= slots, "a step of \(slots) groups takes at least as many")
        self.step = step
        self.slots = slots
        self.maximumSlots = maximumSlots
        self.terms = terms
        self.keeps = keeps
        self.samples = samples
        self.gate = StalenessGate(bound: bound)
    }

    /// Judges a group and keeps it if it is accepted.
    package mutating func receive(group: RolloutGroup) -> Judgement {
        guard group.id.purpose == .training else { return .refuse("\(group.id) is not for training") }
        if group.id.step < self.step { return .stale }
        if group.id.step > self.step {
            return .refuse("\(group.id) is of a later step than \(self.step), which is being assembled")
        }
        if let objection = self.objection(to: group) { return .refuse("\(group.id) \(objection)") }
        guard group.policyVersion <= self.step.startVersion else {
            return .refuse("\(group.id) claims policy version \(group.policyVersion), which does not exist yet")
        }
        guard self.gate.mayUse(group.policyVersion, in: self.step) else { return .stale }
        guard Int(group.id.slot) < self.slotCount else { return .early }
        if self.isTaken { return .duplicate }
        if let accepted = self.groups[group.id.slot] {
            if accepted.policyVersion == group.policyVersion && accepted.rollouts != group.rollouts {
                self.differingDuplicates += 1
            }
            return .duplicate
        }
        self.groups[group.id.slot] = group
        self.acceptedCount += 1
        if !self.keeps(group) { self.filteredCount += 1 }
        return .accept
    }

    /// Slots the step has by now, accepted ones included.
    package var slotCount: Int { min(self.slots + self.filteredCount, self.maximumSlots) }

    package var isComplete: Bool { !self.isTaken && self.acceptedCount == self.slotCount }

    /// Whether the step has all the groups it may take, and fewer than it needs among them.
    package var isExhausted: Bool {
        self.acceptedCount == self.slotCount && self.acceptedCount - self.filteredCount < self.slots
    }

    /// The slots accepted so far, in order; all of them once the batch was taken.
    package var acceptedSlots: [UInt32] {
        self.isTaken ? Array(0..<UInt32(self.slotCount)) : self.groups.keys.sorted()
    }

    /// The slots still missing, in order.
    package var missingSlots: [UInt32] {
        let accepted = Set(self.acceptedSlots)
        return (0..<UInt32(self.slotCount)).filter { !accepted.contains($0) }
    }

    /// Hands over the kept groups of the complete batch, in order of slot; what still arrives for the step is a
    /// duplicate.
    package mutating func takeGroups() -> [RolloutGroup] {
        precondition(self.isComplete, "the batch of step \(self.step) is incomplete or was taken")
        let rewards = self.groups.values.sorted { $0.id < $1.id }.flatMap(\.rewards).map(Double.init)
        self.sampledReward = rewards.reduce(0, +) / Double(max(rewards.count, 1))
        self.isTaken = true
        defer { self.groups = [:] }
        return self.groups.values.filter(self.keeps).sorted { $0.id < $1.id }
    }

    private func objection(to group: RolloutGroup) -> String? {
        guard Int(group.id.slot) < self.maximumSlots else { return "exceeds the \(self.maximumSlots) slots" }
        guard group.rollouts.count == self.samples else {
            return "has \(group.rollouts.count) rollouts instead of \(self.samples)"
        }
        guard !group.promptTokens.isEmpty else { return "has no prompt" }
        for (index, rollout) in group.rollouts.enumerated() {
            if let fault = rollout.trace.fault(vocabulary: self.terms?.vocabulary) {
                return "is unusable: rollout \(index) has \(fault)"
            }
            guard rollout.verdict?.reward.isFinite ?? true else {
                return "is unusable: rollout \(index) has a reward that is not finite"
            }
        }
        return self.terms?.objection(to: group)
    }
}
