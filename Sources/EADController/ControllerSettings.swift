public import EADCore
public import EADProtocol

/// What the controller knows before anybody speaks: the cluster file, the task and this run's identity.
public struct ControllerSettings: Sendable {
    public var runName: String
    /// Steps and evaluations.
    public var plan: RunPlan
    public var samplesPerGroup: UInt32
    public var seed: UInt64
    public var configurationHash: [UInt8]
    /// Every node the cluster file names, with its role.
    public var nodes: [NodeID: Role]
    /// The name under which ead-ctl speaks.
    public var control: NodeID
    /// Training problems by index.
    public var training: [Problem]
    /// Problems of one evaluation, in order.
    public var heldOut: [Problem]
    /// Sampled responses per held-out problem, besides the greedy one.
    public var evaluationSamples: UInt32
    /// Whether there is a greedy one.
    public var evaluatesGreedily: Bool
    /// Problem indices of a step, in slot order.
    public var order: EpochOrder
    /// Problems in the place of filtered groups, behind those of `order`.
    public var replacements: ReplacementOrder
    /// Groups that may be sampled for one step.
    public var maximumSlots: Int
    public var leaseDuration: Duration
    public var offerTimeout: Duration
    /// A group that fails this often stops the run.
    public var maximumAttempts: Int
    public var liveness: LivenessConfiguration
    /// How long a finished run waits for its members to leave.
    public var farewell: Duration

    public init(
        runName: String, plan: RunPlan, samplesPerGroup: UInt32, seed: UInt64, configurationHash: [UInt8],
        nodes: [NodeID: Role], control: NodeID, training: [Problem], heldOut: [Problem], evaluationSamples: UInt32,
        evaluatesGreedily: Bool, order: EpochOrder, replacements: ReplacementOrder, maximumSlots: Int,
        leaseDuration: Duration, offerTimeout: Duration, maximumAttempts: Int, liveness: LivenessConfiguration,
        farewell: Duration
    ) {
        self.runName = runName
        self.plan = plan
        self.samplesPerGroup = samplesPerGroup
        self.seed = seed
        self.configurationHash = configurationHash
        self.nodes = nodes
        self.control = control
        self.training = training
        self.heldOut = heldOut
        self.evaluationSamples = evaluationSamples
        self.evaluatesGreedily = evaluatesGreedily
        self.order = order
        self.replacements = replacements
        self.maximumSlots = maximumSlots
        self.leaseDuration = leaseDuration
        self.offerTimeout = offerTimeout
        self.maximumAttempts = maximumAttempts
        self.liveness = liveness
        self.farewell = farewell
    }
}
