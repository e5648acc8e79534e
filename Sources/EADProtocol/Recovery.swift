package import EADCore

/// How a learner comes back: it trains the journalled steps that its checkpoint lacks again, and goes on after them, with
/// what the journal has of the steps that are open then.
package struct Recovery {
    /// The step whose journalled groups are looked at next; in the end the one to go on with.
    package private(set) var step: GlobalStep
    /// The run that checkpoint and journal belong to; nil for a learner without past.
    package private(set) var run: RunID?
    /// What the journal has of `step` and, as far as it was kept, of the steps after it.
    package private(set) var pending: [JournalledStep] = []
    /// What the groups of the last step looked at make up.
    package private(set) var batch: BatchAssembler
    private let assembler: (GlobalStep) -> BatchAssembler

    /// - Parameters:
    ///   - step: The next step of the checkpoint, 0 without one.
    ///   - run: That of the checkpoint.
    ///   - assembler: Tells complete steps; the one that collected the groups in the first place.
    package init(
        from step: GlobalStep, run: RunID?, assembler: @escaping (GlobalStep) -> BatchAssembler
    ) {
        self.step = step
        self.run = run
        self.assembler = assembler
        self.batch = assembler(step)
    }

    /// Takes what the journal has of `step`.
    /// - Returns: The groups to train the step on, after which the next step's are to be looked at; nil when the learner
    ///   goes on collecting `step`.
    /// - Throws: `RoleFailure` when the groups are of another run than the checkpoint.
    package mutating func resume(_ held: JournalledStep) throws(RoleFailure) -> [RolloutGroup]? {
        try self.join(held)
        self.batch = self.assembler(self.step)
        self.batch.restore(held.discarded)
        for received in held.groups { _ = self.batch.receive(group: received.group, from: received.sender) }
        guard self.batch.isComplete else {
            self.pending = [held]
            return nil
        }
        self.step = self.step.next
        return self.batch.takeGroups()
    }

    /// The open steps after `step`.
    package var laterSteps: [GlobalStep] {
        (0..<self.batch.gate.bound).map { GlobalStep(self.step.rawValue + 1 + $0) }
    }

    /// Takes what the journal has of an open step after `step`, once that one is found incomplete.
    /// - Throws: `RoleFailure` when the groups are of another run than the checkpoint.
    package mutating func keep(_ held: JournalledStep) throws(RoleFailure) {
        try self.join(held)
        self.pending.append(held)
    }

    private mutating func join(_ held: JournalledStep) throws(RoleFailure) {
        if let run = held.run, let own = self.run, run != own {
            throw RoleFailure(
                .data, "the journal holds groups of run \(run), the checkpoint belongs to run \(own); move one away")
        }
        self.run = self.run ?? held.run
    }

    /// The engine refused groups of the step it was given last, which is to be looked at again without them.
    /// - Returns: What they were.
    package mutating func discard(_ refused: [RefusedGroup]) -> [DiscardedGroup] {
        self.step = self.batch.step
        return self.batch.discard(refused)
    }
}
