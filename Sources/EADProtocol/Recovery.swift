package import EADCore

/// How a learner comes back: it trains the journalled steps that its checkpoint lacks again, and goes on after them.
package struct Recovery {
    /// The step whose journalled groups are looked at next; in the end the one to go on with.
    package private(set) var step: GlobalStep
    /// The run that checkpoint and journal belong to; nil for a learner without past.
    package private(set) var run: RunID?
    /// The groups of `step` that were accepted before.
    package private(set) var pending: [RolloutGroup] = []
    /// What the groups of the last step looked at make up.
    package private(set) var batch: BatchAssembler
    private let end: GlobalStep?
    private let assembler: (GlobalStep) -> BatchAssembler

    /// - Parameters:
    ///   - step: The next step of the checkpoint, 0 without one.
    ///   - run: That of the checkpoint.
    ///   - end: A step not to be trained even if it is complete.
    ///   - assembler: Tells complete steps; the one that collected the groups in the first place.
    package init(
        from step: GlobalStep, run: RunID?, until end: GlobalStep? = nil,
        assembler: @escaping (GlobalStep) -> BatchAssembler
    ) {
        self.step = step
        self.run = run
        self.end = end
        self.assembler = assembler
        self.batch = assembler(step)
    }

    /// Takes the journalled groups of `step`, in the order they were accepted.
    /// - Returns: The groups to train the step on, after which the next step's are to be looked at; nil when the learner
    ///   goes on collecting `step`.
    /// - Throws: `RoleFailure` when the groups are of another run than the checkpoint.
    package mutating func resume(
        _ groups: [RolloutGroup], of run: RunID?
    ) throws(RoleFailure) -> [RolloutGroup]? {
        if let run, let own = self.run, run != own {
            throw RoleFailure(
                .data, "the journal holds groups of run \(run), the checkpoint belongs to run \(own); move one away")
        }
        self.run = self.run ?? run
        self.batch = self.assembler(self.step)
        for group in groups { _ = self.batch.receive(group: group) }
        guard self.batch.isComplete, self.step != self.end else {
            self.pending = groups
            return nil
        }
        self.step = self.step.next
        return self.batch.takeGroups()
    }
}
