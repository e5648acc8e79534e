package import EADCore

/// A process introduces itself to the controller; repeated with back-off until answered.
package struct Hello: Hashable, Sendable {
    package var role: Role
    /// 16 random bytes chosen at start; tells two processes of the same name apart.
    package var nonce: [UInt8]
    /// SHA-256 of the resolved configuration (32 bytes); a node with another file is refused.
    package var configurationHash: [UInt8]
    /// The learner's next step, which is also its policy version; 0 for others.
    package var nextStep: GlobalStep
    /// Groups of `nextStep` the learner already holds durably; empty for others.
    package var acceptedSlots: [UInt32]
    /// As in `GroupsAccepted`; 0 for others.
    package var slotCount: UInt32
    package var host: String
    package var processID: UInt32
    /// What it read from files of its own that must be the same everywhere; each name at most once.
    package var contents: [SharedContent]
    /// Groups of `nextStep` that were thrown out; none for others.
    package var discarded: [DiscardedGroup]
    /// Every setting that all nodes must agree on, a line `path value` each: tells what differs when the hash does.
    package var settings: String
    /// What the learner holds durably of the open steps after `nextStep`, in order of step; none for others.
    package var laterSteps: [GroupsAccepted]

    package init(
        role: Role, nonce: [UInt8], configurationHash: [UInt8], nextStep: GlobalStep,
        acceptedSlots: [UInt32], slotCount: UInt32 = 0, host: String, processID: UInt32,
        contents: [SharedContent] = [], discarded: [DiscardedGroup] = [], settings: String = "",
        laterSteps: [GroupsAccepted] = []
    ) {
        self.role = role
        self.nonce = nonce
        self.configurationHash = configurationHash
        self.nextStep = nextStep
        self.acceptedSlots = acceptedSlots
        self.slotCount = slotCount
        self.host = host
        self.processID = processID
        self.contents = contents
        self.discarded = discarded
        self.settings = settings
        self.laterSteps = laterSteps
    }

    /// What the learner holds of each open step, the next one first.
    package var held: [GroupsAccepted] {
        let next = GroupsAccepted(
            step: self.nextStep, slots: self.acceptedSlots, slotCount: self.slotCount, discarded: self.discarded)
        return [next] + self.laterSteps
    }
}

/// What a process read from a file that the cluster file names by path: the path is its own, the contents are the run's.
package struct SharedContent: Hashable, Sendable {
    /// Such as `vocabulary`.
    package var name: String
    /// SHA-256, 32 bytes.
    package var hash: [UInt8]

    package init(name: String, hash: [UInt8]) {
        self.name = name
        self.hash = hash
    }
}

/// The controller admits a process to the run.
package struct Welcome: Hashable, Sendable {
    package var run: RunID
    /// The incarnation the process must put into its envelopes from now on.
    package var epoch: Epoch

    package init(run: RunID, epoch: Epoch) {
        self.run = run
        self.epoch = epoch
    }
}

/// A message was understood but will not be acted on.
package struct Refusal: Hashable, Sendable {
    package enum Code: UInt32, Hashable, Sendable, CaseIterable {
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

    package var code: Code
    /// What is wrong and what to do, for a person.
    package var reason: String

    package init(code: Code, reason: String) {
        self.code = code
        self.reason = reason
    }
}

/// A member is alive, and this is how far it has come.
package struct Heartbeat: Hashable, Sendable {
    /// What a node does.
    package enum Activity: UInt32, Hashable, Sendable, CaseIterable {
        /// Admitted, and not heard of since.
        case joining = 1
        /// Has nothing to do.
        case idle = 2
        /// Waits for a policy, or fetches it.
        case fetching = 3
        case generating = 4
        /// Waits for groups.
        case collecting = 5
        case training = 6
        case checkpointing = 7
        /// Dead, or never there.
        case gone = 8
        /// Has its responses judged.
        case verifying = 9
        /// Waits until the learner has what it made.
        case delivering = 10
        /// Comes to where its files say that it was.
        case recovering = 11
    }

    /// Counters that a heartbeat may carry.
    package static let maximumCounters = 256

    package var activity: Activity
    /// Whether it waits for anybody or anything.
    package var isWaiting: Bool
    /// Whom or what it waits for, for a person; empty when it does not wait. Nothing is decided by it.
    package var waitingFor: String
    /// How long it has waited, in milliseconds; 0 when it waits for nothing.
    package var waitingMilliseconds: UInt64
    /// Grows whenever the engine gets anything done; a frozen engine is alive without progress.
    package var progress: UInt64
    /// Tokens sampled or trained since the process started.
    package var tokens: UInt64
    package var tokensPerSecond: Float
    package var policyVersion: PolicyVersion
    /// Leases the worker is willing to hold at once, held ones included; 0 for others and while draining.
    package var credit: UInt32
    /// The leases the worker holds.
    package var leases: [LeaseID]
    /// Resident memory in bytes.
    package var residentBytes: UInt64
    /// The node finishes what it holds and leaves.
    package var draining: Bool
    /// What has happened in the process since it started.
    package var counters: MetricCounters
    /// What its environment complained of last, such as the last words of a verifier program; empty when it never did.
    package var complaint: String
    /// Passes of a worker's engine in which it drew tokens, one for every sample under way, since the process started;
    /// 0 for others.
    package var passes: UInt64
    /// How long they took.
    package var passMilliseconds: UInt64

    package init(
        activity: Activity, isWaiting: Bool, waitingFor: String, waitingMilliseconds: UInt64, progress: UInt64,
        tokens: UInt64,
        tokensPerSecond: Float, policyVersion: PolicyVersion, credit: UInt32, leases: [LeaseID],
        residentBytes: UInt64, draining: Bool,
        counters: MetricCounters = [:], complaint: String = "", passes: UInt64 = 0, passMilliseconds: UInt64 = 0
    ) {
        self.activity = activity
        self.isWaiting = isWaiting
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
        self.counters = counters
        self.complaint = complaint
        self.passes = passes
        self.passMilliseconds = passMilliseconds
    }
}

/// The controller's answer to a heartbeat.
package struct HeartbeatReply: Hashable, Sendable {
    /// The step the run is at: the one the learner trains next.
    package var step: GlobalStep
    /// The run is over: finish and exit with success.
    package var stop: Bool
    /// The newest there is.
    package var policyVersion: PolicyVersion
    /// The first step whose groups are not leased yet; `step` when none is open.
    package var windowEnd: GlobalStep
    /// Of the leases that the heartbeat listed, those whose groups are safe already, whoever made them.
    package var finished: [LeaseID]

    /// - Parameters:
    ///   - policyVersion: Nil for the one that `step` updates.
    ///   - windowEnd: At least `step`.
    package init(
        step: GlobalStep, stop: Bool, policyVersion: PolicyVersion? = nil, windowEnd: GlobalStep,
        finished: [LeaseID] = []
    ) {
        precondition(windowEnd >= step, "a window ends after it begins")
        self.step = step
        self.stop = stop
        self.policyVersion = policyVersion ?? step.startVersion
        self.windowEnd = windowEnd
        self.finished = finished
    }

    /// The steps whose groups may be leased: what is held of another one is over, or of a future that the run lost.
    package var window: Range<GlobalStep> { self.step..<self.windowEnd }
}

/// The sender leaves for good, having finished or returned everything it held; not answered.
package struct Goodbye: Hashable, Sendable {
    package var reason: String
    /// Whether the process ends because of a fault, which the reason names.
    package var failed: Bool

    package init(reason: String, failed: Bool = false) {
        self.reason = reason
        self.failed = failed
    }
}
