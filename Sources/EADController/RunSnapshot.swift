public import EADCore
public import EADMessages

/// What a controller must remember to go on after its own death; everything else is learnt from the others.
public struct RunSnapshot: Codable, Hashable, Sendable {
    public var run: RunID
    /// SHA-256 of the resolved configuration in hexadecimal digits; a resumed run must have the same.
    public var configurationHash: String
    /// The step whose groups are being collected; also the policy version they are sampled with.
    public var step: GlobalStep
    /// The largest epoch ever handed out; written before it is used.
    public var lastEpoch: Epoch
    public var paused: Bool
    /// All steps are trained and all evaluations done.
    public var finished: Bool
    /// Of each version at most one per number of samples, in the order they were made.
    public var evaluations: [EvaluationReport]
    /// Asked for by an operator and not made yet.
    public var requested: EvaluationRequest?

    public init(run: RunID, configurationHash: String) {
        self.run = run
        self.configurationHash = configurationHash
        self.step = GlobalStep(0)
        self.lastEpoch = Epoch(0)
        self.paused = false
        self.finished = false
        self.evaluations = []
        self.requested = nil
    }
}

/// An evaluation of the version that is current at the next end of a step, or at once in a paused run.
public struct EvaluationRequest: Codable, Hashable, Sendable {
    public var number: UInt64
    /// Sampled responses per problem.
    public var samples: UInt32
}
