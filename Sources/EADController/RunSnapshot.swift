package import EADCore
package import EADMessages
package import EADProtocol

/// What a controller must remember to go on after its own death; everything else is learnt from the others.
package struct RunSnapshot: Codable, Hashable, Sendable {
    package var run: RunID
    /// SHA-256 of the settings that last as long as the run, in hexadecimal digits; a resumed run must have the same.
    package var configurationHash: String
    /// What is local by path and the run's by contents, in hexadecimal digits by name: as the first who had it said.
    package var contents: [String: String]
    /// The step the learner trains next: the first whose groups are collected.
    package var step: GlobalStep
    /// The largest epoch ever handed out; written before it is used.
    package var lastEpoch: Epoch
    /// Whether an operator wants nothing to be given out.
    package var paused: Bool
    /// All steps are trained and all evaluations done.
    package var finished: Bool
    /// Of each version at most one per number of samples, in the order they were made.
    package var evaluations: [EvaluationReport]
    /// Asked for by an operator and not made yet.
    package var requested: EvaluationRequest?

    /// A run that begins, unless told otherwise.
    package init(
        run: RunID, configurationHash: String, contents: [String: String] = [:], step: GlobalStep = GlobalStep(0),
        lastEpoch: Epoch = Epoch(0),
        paused: Bool = false, finished: Bool = false, evaluations: [EvaluationReport] = [],
        requested: EvaluationRequest? = nil
    ) {
        self.run = run
        self.configurationHash = configurationHash
        self.contents = contents
        self.step = step
        self.lastEpoch = lastEpoch
        self.paused = paused
        self.finished = finished
        self.evaluations = evaluations
        self.requested = requested
    }

    /// Why the run cannot be gone on with under this plan; nil when it can.
    package func refusal(of plan: RunPlan) -> RoleFailure? {
        guard plan.steps < self.step.rawValue else { return nil }
        return RoleFailure(
            .configuration,
            "run.steps is \(plan.steps), but \(self.step) steps of run \(self.run) are trained; write at least as many, "
                + "or use another run directory")
    }

    /// The newest policy version there is.
    package var version: PolicyVersion { self.step.startVersion }
}

/// An evaluation of the version that is the newest at the next end of a step, or at once in a paused run.
package struct EvaluationRequest: Codable, Hashable, Sendable {
    package var number: UInt64
    /// Sampled responses per problem.
    package var samples: UInt32
}
