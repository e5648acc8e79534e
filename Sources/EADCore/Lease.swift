/// The right to produce one group until a deadline, with everything that determines its samples.
///
/// Two workers given equal leases under the same policy version produce equal rollouts, bit for bit.
public struct Lease: Hashable, Sendable {
    public var group: GroupID
    /// Counts the times this group was leased, from 1.
    public var attempt: UInt32
    public var policyVersion: PolicyVersion
    public var problem: Problem
    /// Responses to sample.
    public var samples: UInt32
    /// Key of the random numbers, together with step, purpose, problem index, sample and position.
    public var seed: UInt64
    /// How long the controller waits for it, counted from the offer.
    public var duration: Duration

    public init(
        group: GroupID, attempt: UInt32, policyVersion: PolicyVersion, problem: Problem, samples: UInt32,
        seed: UInt64, duration: Duration
    ) {
        self.group = group
        self.attempt = attempt
        self.policyVersion = policyVersion
        self.problem = problem
        self.samples = samples
        self.seed = seed
        self.duration = duration
    }
}

/// A group and the attempt under which it is held.
public struct HeldLease: Hashable, Sendable {
    public var group: GroupID
    public var attempt: UInt32

    public init(group: GroupID, attempt: UInt32) {
        self.group = group
        self.attempt = attempt
    }
}

/// A prompt as the model sees it, and the answer its responses are scored against.
public struct Problem: Hashable, Sendable, Codable {
    /// Its place in the task's split; stable for a given source and split seed.
    public var index: UInt32
    /// The text to tokenise, templates and examples included.
    public var prompt: String
    public var answer: String

    public init(index: UInt32, prompt: String, answer: String) {
        self.index = index
        self.prompt = prompt
        self.answer = answer
    }
}
