package import EADCore
package import EADProtocol

/// What the controller knows before anybody speaks: the cluster file, the task and this run's identity.
package struct ControllerSettings: Sendable {
    package var runName: String
    /// Steps and evaluations.
    package var plan: RunPlan
    package var configurationHash: [UInt8]
    /// What the hash is of: a line `path value` per setting.
    package var sharedLines: String
    /// Every node the cluster file names, with its role.
    package var nodes: [NodeID: Role]
    /// The name under which ead-ctl speaks.
    package var control: NodeID
    /// What each step samples.
    package var curriculum: Curriculum
    /// How old the policy may be that it is sampled with.
    package var gate: StalenessGate
    /// Problems of one evaluation, in order.
    package var heldOut: [Problem]
    /// Sampled responses per held-out problem, besides the greedy one.
    package var evaluationSamples: UInt32
    /// The most of them that a worker's answer can carry.
    package var maximumEvaluationSamples: UInt32
    /// Whether there is a greedy one.
    package var evaluatesGreedily: Bool
    package var terms: LeaseTerms
    package var liveness: LivenessConfiguration
    /// How long a finished run waits for its members to leave.
    package var farewell: Duration
    /// A wait of the run that lasts longer is trouble, unless those waited for show that they get on.
    package var overdueAfter: Duration
    /// Steps in a row with nothing to learn from that end the run; 0 for any number, which is no trouble either.
    package var maximumIdleSteps: Int
    /// Whether a group of a slow worker is given to another one as well when nothing else is left to give.
    package var copiesSlowGroups: Bool

    package init(
        runName: String, plan: RunPlan, configurationHash: [UInt8], sharedLines: String = "", nodes: [NodeID: Role],
        control: NodeID,
        curriculum: Curriculum, gate: StalenessGate, heldOut: [Problem], evaluationSamples: UInt32,
        maximumEvaluationSamples: UInt32 = 1024, evaluatesGreedily: Bool, terms: LeaseTerms,
        liveness: LivenessConfiguration, farewell: Duration, overdueAfter: Duration,
        maximumIdleSteps: Int, copiesSlowGroups: Bool = true
    ) {
        self.runName = runName
        self.plan = plan
        self.configurationHash = configurationHash
        self.sharedLines = sharedLines
        self.nodes = nodes
        self.control = control
        self.curriculum = curriculum
        self.gate = gate
        self.heldOut = heldOut
        self.evaluationSamples = evaluationSamples
        self.maximumEvaluationSamples = maximumEvaluationSamples
        self.evaluatesGreedily = evaluatesGreedily
        self.terms = terms
        self.liveness = liveness
        self.farewell = farewell
        self.overdueAfter = overdueAfter
        self.maximumIdleSteps = maximumIdleSteps
        self.copiesSlowGroups = copiesSlowGroups
    }
}
