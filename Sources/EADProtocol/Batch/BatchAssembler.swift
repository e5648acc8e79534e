package import EADCore

/// The groups of one step as the learner receives them: each slot once, in any order, of a policy young enough.
///
/// A step begins with one slot per group it needs. Every accepted group that its filter refuses adds one slot, until
/// `maximumSlots`. So the step is complete exactly when the slots 0..<m are filled, for the smallest m that holds enough
/// kept groups: which ones these are does not depend on the order of arrival.
///
/// A group that the engine refuses to train on is thrown out, and its slot is empty again.
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
    /// Received groups that differ from the one accepted for their slot in what the same policy versions drew.
    ///
    /// Equal leases give equal samples, so anything but 0 means that two workers compute differently. Attempts that went on
    /// with newer versions at different tokens may differ from there on.
    package private(set) var differingDuplicates = 0
    /// Groups the step needs.
    package let slots: Int
    /// Groups the step may take to find them, at least `slots`.
    package let maximumSlots: Int
    /// What responses can be; nil where the run is not known.
    private let terms: ResponseTerms?
    /// Whether a response may go on with newer versions than its prompt's.
    private let mixesVersions: Bool
    private let keeps: @Sendable (RolloutGroup) -> Bool
    /// Groups of the step accepted so far.
    package private(set) var acceptedCount = 0
    /// Those of them that the filter refused.
    package private(set) var filteredCount = 0
    /// Mean reward of all scored rollouts once the batch was taken, those of refused groups included.
    package private(set) var sampledReward = 0.0
    /// Groups that were accepted and thrown out again, in the order of that.
    package private(set) var discarded: [DiscardedGroup] = []
    private var groups: [UInt32: ReceivedGroup] = [:]
    private var isTaken = false

    /// - Parameters:
    ///   - slots: Groups each step needs.
    ///   - samples: Rollouts per group.
    ///   - bound: The largest allowed staleness; 0 is synchronous.
    ///   - maximumSlots: Groups a step may take to find the ones it needs; nil for no more than those.
    ///   - terms: What responses can be; nil to take any.
    ///   - mixesVersions: Whether a response may go on with newer policies than its prompt's.
    ///   - keeps: The filter, a function of the group alone.
    package init(
        step: GlobalStep, slots: Int, samples: Int, bound: UInt64, maximumSlots: Int? = nil,
        terms: ResponseTerms? = nil, mixesVersions: Bool = false,
        keeps: @escaping @Sendable (RolloutGroup) -> Bool = { _ in true }
    ) {
        let maximumSlots = maximumSlots ?? slots
        precondition(maximumSlots >= slots, "a step of \(slots) groups takes at least as many")
        self.step = step
        self.slots = slots
        self.maximumSlots = maximumSlots
        self.terms = terms
        self.mixesVersions = mixesVersions
        self.keeps = keeps
        self.samples = samples
        self.gate = StalenessGate(bound: bound)
    }

    /// Judges a group and keeps it if it is accepted.
    package mutating func receive(group: RolloutGroup, from sender: NodeID) -> Judgement {
        guard group.id.purpose == .training else { return .refuse("\(group.id) is not for training") }
        if group.id.step < self.step { return .stale }
        if group.id.step > self.step {
            return .refuse("\(group.id) is of a later step than \(self.step), which is being assembled")
        }
        if let objection = self.objection(to: group) { return .refuse("\(group.id) \(objection)") }
        guard group.newestVersion <= self.step.startVersion else {
            return .refuse("\(group.id) claims policy version \(group.newestVersion), which does not exist yet")
        }
        guard self.gate.mayUse(group.policyVersion, in: self.step) else { return .stale }
        guard Int(group.id.slot) < self.slotCount else { return .early }
        if let accepted = self.groups[group.id.slot]?.group {
            if accepted.contradicts(group) { self.differingDuplicates += 1 }
            return .duplicate
        }
        if self.isDiscarded(LeaseID(group: group.id, attempt: group.attempt), of: sender) { return .stale }
        self.groups[group.id.slot] = ReceivedGroup(group, from: sender)
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

    /// The slots accepted so far, in order.
    package var acceptedSlots: [UInt32] { self.groups.keys.sorted() }

    /// What is held of the step, as the journal has it but for the order.
    package var journalled: JournalledStep {
        var held = JournalledStep()
        for discarded in self.discarded { held.append(discarded) }
        for slot in self.acceptedSlots { if let group = self.groups[slot] { held.append(group) } }
        return held
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
        let groups = self.groups.values.map(\.group).sorted { $0.id < $1.id }
        let rewards = groups.flatMap(\.rewards).map(Double.init)
        self.sampledReward = rewards.reduce(0, +) / Double(max(rewards.count, 1))
        self.isTaken = true
        return groups.filter(self.keeps)
    }

    // MARK: Throwing out

    /// Throws groups out of a batch that was taken: it is incomplete again.
    /// - Parameter refused: Of slots whose groups were handed over.
    /// - Returns: What they were.
    package mutating func discard(_ refused: [RefusedGroup]) -> [DiscardedGroup] {
        precondition(self.isTaken, "what was not taken cannot be refused")
        self.isTaken = false
        let thrown = refused.map { refusal in
            guard let (group, sender) = self.groups.removeValue(forKey: refusal.slot).map({ ($0.group, $0.sender) })
            else { preconditionFailure("step \(self.step) has no group in slot \(refusal.slot)") }
            precondition(self.keeps(group), "\(group.id) was not handed over")
            return DiscardedGroup(
                lease: LeaseID(group: group.id, attempt: group.attempt), sender: sender, reason: refusal.reason)
        }
        self.acceptedCount -= thrown.count
        self.discarded += thrown
        return thrown
    }

    /// Remembers what an earlier life threw out.
    package mutating func restore(_ discarded: [DiscardedGroup]) { self.discarded += discarded }

    /// Whether this very group was thrown out: whoever repeats it has not heard that it had arrived.
    private func isDiscarded(_ lease: LeaseID, of sender: NodeID) -> Bool {
        self.discarded.contains { $0.lease == lease && $0.sender == sender }
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
            if let fault = rollout.runs.fault(tokens: rollout.trace.count, group: group.policyVersion) {
                return "is unusable: rollout \(index) has \(fault)"
            }
            guard rollout.verdict?.reward.isFinite ?? true else {
                return "is unusable: rollout \(index) has a reward that is not finite"
            }
        }
        guard self.mixesVersions || !group.isMixed else {
            return "went on with newer policies than it began with, which training.weight_swap rules out"
        }
        return self.terms?.objection(to: group)
    }
}
