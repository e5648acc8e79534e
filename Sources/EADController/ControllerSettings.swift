package import EADCore
package import EADProtocol

/// What the controller knows before anybody speaks: the cluster file, the task and this run's identity.
package struct ControllerSettings: Sendable {
    package var runName: String
    /// Steps and evaluations.
    package var plan: RunPlan
    package var samplesPerGroup: UInt32
    package var seed: UInt64
    package var configurationHash: [UInt8]
    /// Every node the cluster file names, with its role.
    package var nodes: [NodeID: Role]
    /// The name under which ead-ctl speaks.
    package var control: NodeID
    /// Training problems by index.
    package var training: [Problem]
    /// Problems of one evaluation, in order.
    package var heldOut: [Problem]
    /// Sampled responses per held-out problem, besides the greedy one.
    package var evaluationSamples: UInt32
    /// Whether there is a greedy one.
    package var evaluatesGreedily: Bool
    /// Problem indices of a step, in slot order.
    package var order: ProblemOrder
    /// Problems in the place of filtered groups, behind those of `order`.
    package var replacements: ReplacementOrder
    /// Groups that may be sampled for one step.
    package var maximumSlots: Int
    package var leaseDuration: Duration
    package var offerTimeout: Duration
    /// A group that fails this often stops the run.
    package var maximumAttempts: Int
    package var liveness: LivenessConfiguration
    /// How long a finished run waits for its members to leave.
    package var farewell: Duration

    package init(
        runName: String, plan: RunPlan, samplesPerGroup: UInt32, seed: UInt64, configurationHash: [UInt8],
        nodes: [NodeID: Role], control: NodeID, training: [Problem], heldOut: [Problem], evaluationSamples: UInt32,
        evaluatesGreedily: Bool, order: ProblemOrder, replacements: ReplacementOrder, maximumSlots: Int,
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
