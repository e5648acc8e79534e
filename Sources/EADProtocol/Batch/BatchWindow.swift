package import EADCore
package import EADMessages

/// The groups of the open steps as the learner receives them: the learner's side of `TrainingWindow`.
///
/// Steps are trained in order, each on the groups of its own slots. A group of a later open step is kept until its step is
/// the next; how long the window is depends on the staleness bound, and with bound 0 it is one step.
package struct BatchWindow: Sendable {
    package let gate: StalenessGate
    /// Steps of the run; groups of none behind the last are taken.
    package let totalSteps: UInt64
    private let makeBatch: @Sendable (GlobalStep) -> BatchAssembler
    /// One per open step, in order, beginning with the step to be trained next.
    private var batches: [BatchAssembler] = []
    /// Of the steps that are over.
    private var formerDuplicates = 0

    /// - Parameter makeBatch: An empty batch of a step.
    package init(
        at step: GlobalStep, gate: StalenessGate, totalSteps: UInt64,
        makeBatch: @escaping @Sendable (GlobalStep) -> BatchAssembler
    ) {
        self.gate = gate
        self.totalSteps = totalSteps
        self.makeBatch = makeBatch
        self.openBatches(from: step)
    }

    /// The batch of the step to be trained next.
    package var current: BatchAssembler { self.batches[0] }
    /// The step to be trained next.
    package var step: GlobalStep { self.current.step }

    /// Groups received a second time with other samples under the same policy versions: anything but 0 means that two
    /// workers compute differently.
    package var differingDuplicates: Int {
        self.batches.reduce(self.formerDuplicates) { $0 + $1.differingDuplicates }
    }

    /// What is held of each open step, in order.
    package var held: [GroupsAccepted] {
        self.batches.map {
            GroupsAccepted(
                step: $0.step, slots: $0.acceptedSlots, slotCount: UInt32($0.slotCount), discarded: $0.discarded)
        }
    }

    /// The same as the journal has it.
    package var journalled: [JournalledStep] { self.batches.map(\.journalled) }

    /// Judges a group and keeps it if it is accepted.
    package mutating func receive(group: RolloutGroup, from sender: NodeID) -> BatchAssembler.Judgement {
        guard group.id.step.rawValue < self.totalSteps else {
            return .refuse("\(group.id) is of a later step than the run has")
        }
        // A group of no open step is judged by the batch nearest to it.
        let place = self.batches.firstIndex { group.id.step <= $0.step } ?? self.batches.count - 1
        // A later step may use versions that the steps before it have yet to make.
        if group.id.step == self.batches[place].step, group.newestVersion > self.step.startVersion {
            return .refuse("\(group.id) claims policy version \(group.newestVersion), which does not exist yet")
        }
        return self.batches[place].receive(group: group, from: sender)
    }

    /// Hands over the kept groups of the current step, which is complete.
    package mutating func takeGroups() -> [RolloutGroup] { self.batches[0].takeGroups() }

    /// Throws groups out of the current step, which was taken.
    /// - Returns: What they were.
    package mutating func discard(_ refused: [RefusedGroup]) -> [DiscardedGroup] { self.batches[0].discard(refused) }

    /// Takes what an earlier life had of an open step.
    ///
    /// - Returns: False, and nothing is taken, when a part of it cannot be: it is of a past that was lost with a checkpoint.
    package mutating func restore(_ held: JournalledStep) -> Bool {
        guard let step = held.step else { return true }
        guard let place = self.batches.firstIndex(where: { $0.step == step }) else { return false }
        let before = self.batches[place]
        self.batches[place].restore(held.discarded)
        for received in held.groups {
            switch self.receive(group: received.group, from: received.sender) {
            case .accept, .duplicate: continue
            case .early, .stale, .refuse:
                self.batches[place] = before
                return false
            }
        }
        return true
    }

    /// The steps before `step` are trained.
    package mutating func move(to step: GlobalStep) {
        precondition(step > self.step, "step \(step) does not follow step \(self.step)")
        self.formerDuplicates += self.batches.filter { $0.step < step }.reduce(0) { $0 + $1.differingDuplicates }
        self.batches.removeAll { $0.step < step }
        self.openBatches(from: step)
    }

    private mutating func openBatches(from step: GlobalStep) {
        let last = self.gate.lastStep(at: step.startVersion)
        var next = self.batches.last?.step.next ?? step
        while next <= last {
            self.batches.append(self.makeBatch(next))
            next = next.next
        }
    }
}
