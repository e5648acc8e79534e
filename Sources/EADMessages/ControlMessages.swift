package import EADCore

/// What ead-ctl asks of the controller.
package struct ControlRequest: Hashable, Sendable {
    package enum Verb: UInt32, Hashable, Sendable, CaseIterable {
        case status = 1
        /// Offer no new leases; work under way finishes.
        case pause = 2
        case resume = 3
        /// End the run: every role finishes what it does and exits.
        case stop = 4
        /// Answer the held-out problems under the current policy version, between two steps.
        case evaluate = 5
    }

    package var verb: Verb
    /// Status includes the reports of steps from this one on.
    package var sinceStep: GlobalStep
    /// `evaluate`: responses per problem; 0 for as many as configured.
    package var samples: UInt32
    /// `evaluate`: the request's own number, from 1 and below 2^53; repeating it changes nothing.
    package var request: UInt64
    /// The name of the run that is meant.
    package var runName: String

    package init(
        verb: Verb, runName: String, sinceStep: GlobalStep = GlobalStep(0), samples: UInt32 = 0, request: UInt64 = 0
    ) {
        self.verb = verb
        self.runName = runName
        self.sinceStep = sinceStep
        self.samples = samples
        self.request = request
    }
}

/// Whether a control request took effect.
package struct ControlReply: Hashable, Sendable {
    package var accepted: Bool
    package var message: String

    package init(accepted: Bool, message: String) {
        self.accepted = accepted
        self.message = message
    }
}

/// The run as the controller sees it.
package struct StatusReply: Hashable, Sendable {
    package enum Phase: UInt32, Hashable, Sendable, CaseIterable {
        /// Waiting for the learner or the first worker.
        case forming = 1
        case evaluating = 2
        case training = 3
        case paused = 4
        case stopping = 5
        case finished = 6
    }

    package var run: RunID
    package var name: String
    package var phase: Phase
    package var step: GlobalStep
    package var totalSteps: UInt64
    /// What the run as a whole waits for; empty when nothing.
    package var waitingFor: String
    package var waitingMilliseconds: UInt64
    package var groupsAccepted: UInt32
    /// Groups of what is sampled now, replacements of filtered ones included as far as they are known.
    package var groupsPerStep: UInt32
    package var elapsedMilliseconds: UInt64
    package var members: [MemberStatus]
    package var steps: [StepReport]
    package var evaluations: [EvaluationReport]
    /// What the controller has counted; the members' own counts are in their heartbeats.
    package var counters: MetricCounters
    /// What is wrong with the run, in sentences; none of a healthy one.
    package var troubles: [String]

    package init(
        run: RunID, name: String, phase: Phase, step: GlobalStep, totalSteps: UInt64, waitingFor: String,
        waitingMilliseconds: UInt64, groupsAccepted: UInt32, groupsPerStep: UInt32, elapsedMilliseconds: UInt64,
        members: [MemberStatus], steps: [StepReport], evaluations: [EvaluationReport], counters: MetricCounters,
        troubles: [String] = []
    ) {
        self.run = run
        self.name = name
        self.phase = phase
        self.step = step
        self.totalSteps = totalSteps
        self.waitingFor = waitingFor
        self.waitingMilliseconds = waitingMilliseconds
        self.groupsAccepted = groupsAccepted
        self.groupsPerStep = groupsPerStep
        self.elapsedMilliseconds = elapsedMilliseconds
        self.members = members
        self.steps = steps
        self.evaluations = evaluations
        self.counters = counters
        self.troubles = troubles
    }
}

/// One row of the status table.
package struct MemberStatus: Hashable, Sendable {
    package var node: NodeID
    package var role: Role
    package var health: Health
    /// `host:pid`, empty when never seen.
    package var process: String
    package var epoch: Epoch
    /// Since its last heartbeat.
    package var silentMilliseconds: UInt64
    package var heartbeat: Heartbeat

    package init(
        node: NodeID, role: Role, health: Health, process: String, epoch: Epoch, silentMilliseconds: UInt64,
        heartbeat: Heartbeat
    ) {
        self.node = node
        self.role = role
        self.health = health
        self.process = process
        self.epoch = epoch
        self.silentMilliseconds = silentMilliseconds
        self.heartbeat = heartbeat
    }
}

/// How the held-out problems were answered under one policy version.
package struct EvaluationReport: Hashable, Sendable, Codable {
    package var version: PolicyVersion
    package var problems: UInt32
    /// Sampled responses per problem, besides the greedy one.
    package var samples: UInt32
    package var values: MetricValues
    /// The request it answers; 0 for a planned evaluation.
    package var request: UInt64

    package init(
        version: PolicyVersion, problems: UInt32, samples: UInt32, values: MetricValues, request: UInt64 = 0
    ) {
        self.version = version
        self.problems = problems
        self.samples = samples
        self.values = values
        self.request = request
    }
}
