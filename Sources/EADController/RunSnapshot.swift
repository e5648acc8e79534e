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
    public var evaluations: [EvaluationReport]

    public init(run: RunID, configurationHash: String) {
        self.run = run
        self.configurationHash = configurationHash
        self.step = GlobalStep(0)
        self.lastEpoch = Epoch(0)
        self.paused = false
        self.finished = false
        self.evaluations = []
    }
}
