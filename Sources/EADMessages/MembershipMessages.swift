public import EADCore

/// A process introduces itself to the controller; repeated with back-off until answered.
public struct Hello: Hashable, Sendable {
    public var role: Role
    /// 16 random bytes chosen at start; tells two processes of the same name apart.
    public var nonce: [UInt8]
    /// SHA-256 of the resolved configuration (32 bytes); a node with another file is refused.
    public var configurationHash: [UInt8]
    /// The learner's next step, which is also its policy version; 0 for others.
    public var nextStep: GlobalStep
    /// Groups of `nextStep` the learner already holds durably; empty for others.
    public var acceptedSlots: [UInt32]
    /// As in `GroupsAccepted`; 0 for others.
    public var slotCount: UInt32
    public var host: String
    public var processID: UInt32

    public init(
        role: Role, nonce: [UInt8], configurationHash: [UInt8], nextStep: GlobalStep,
        acceptedSlots: [UInt32], slotCount: UInt32 = 0, host: String, processID: UInt32
    ) {
        self.role = role
        self.nonce = nonce
        self.configurationHash = configurationHash
        self.nextStep = nextStep
        self.acceptedSlots = acceptedSlots
        self.slotCount = slotCount
        self.host = host
        self.processID = processID
    }
}

/// The controller admits a process to the run.
public struct Welcome: Hashable, Sendable {
    public var run: RunID
    /// The incarnation the process must put into its envelopes from now on.
    public var epoch: Epoch

    public init(run: RunID, epoch: Epoch) {
        self.run = run
        self.epoch = epoch
    }
}

/// A message was understood but will not be acted on.
public struct Refusal: Hashable, Sendable {
    public enum Code: UInt32, Hashable, Sendable, CaseIterable {
        /// The sender's wire version is not spoken here.
        case wireVersion = 1
        /// The sender's configuration differs from the controller's.
        case configuration = 2
        /// The node name is not in the cluster file, or has another role there.
        case unknownNode = 3
        /// A newer process of the same name took over; the receiver must stop.
        case fenced = 4
        /// The sender is not (or no longer) a member: say hello again.
        case notMember = 5
        /// The run id is another one.
        case otherRun = 6
        /// The message makes no sense in this state, or could not be decoded.
        case invalid = 7
    }

    public var code: Code
    /// What is wrong and what to do, for a person.
    public var reason: String

    public init(code: Code, reason: String) {
        self.code = code
        self.reason = reason
    }
}

/// A member is alive, and this is how far it has come.
public struct Heartbeat: Hashable, Sendable {
    /// What the node does now, in a word or two: `generating`, `training`, `idle`.
    public var activity: String
    /// Whom or what it waits for; empty when it waits for nothing.
    public var waitingFor: String
    /// How long it has waited, in milliseconds; 0 when it waits for nothing.
    public var waitingMilliseconds: UInt64
    /// Grows whenever the engine gets anything done; a frozen engine is alive without progress.
    public var progress: UInt64
    /// Tokens sampled or trained since the process started.
    public var tokens: UInt64
    public var tokensPerSecond: Float
    public var policyVersion: PolicyVersion
    /// Leases the worker is willing to hold at once, held ones included; 0 for others and while draining.
    public var credit: UInt32
    /// The leases the worker holds.
    public var leases: [HeldLease]
    /// Resident memory in bytes.
    public var residentBytes: UInt64
    /// The node finishes what it holds and leaves.
    public var draining: Bool

    public init(
        activity: String, waitingFor: String, waitingMilliseconds: UInt64, progress: UInt64, tokens: UInt64,
        tokensPerSecond: Float, policyVersion: PolicyVersion, credit: UInt32, leases: [HeldLease],
        residentBytes: UInt64, draining: Bool
    ) {
        self.activity = activity
        self.waitingFor = waitingFor
        self.waitingMilliseconds = waitingMilliseconds
        self.progress = progress
        self.tokens = tokens
        self.tokensPerSecond = tokensPerSecond
        self.policyVersion = policyVersion
        self.credit = credit
        self.leases = leases
        self.residentBytes = residentBytes
        self.draining = draining
    }
}

/// The controller's answer to a heartbeat.
public struct HeartbeatReply: Hashable, Sendable {
    /// The step the run is at.
    public var step: GlobalStep
    /// The run is over: finish and exit with success.
    public var stop: Bool

    public init(step: GlobalStep, stop: Bool) {
        self.step = step
        self.stop = stop
    }
}

/// The sender leaves for good, having finished or returned everything it held; not answered.
public struct Goodbye: Hashable, Sendable {
    public var reason: String
    /// Whether the process ends because of a fault, which the reason names.
    public var failed: Bool

    public init(reason: String, failed: Bool = false) {
        self.reason = reason
        self.failed = failed
    }
}
