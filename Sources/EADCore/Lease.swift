/// The right to produce one group until a deadline, with everything that determines its samples.
///
/// Two workers given equal leases under the same policy version produce equal rollouts, bit for bit.
package struct Lease: Hashable, Sendable {
    package var group: GroupID
    /// Counts the times this group was leased, from 1.
    package var attempt: UInt32
    /// The worker begins the group with the newest version it has, if that is at least this one.
    package var oldestVersion: PolicyVersion
    package var problem: Problem
    /// Responses to sample.
    package var samples: UInt32
    /// Key of the random numbers, together with step, purpose, problem index, sample and position.
    package var seed: UInt64
    /// How long the controller waits for it, counted from the offer.
    package var duration: Duration

    package init(
        group: GroupID, attempt: UInt32, oldestVersion: PolicyVersion, problem: Problem, samples: UInt32,
        seed: UInt64, duration: Duration
    ) {
        self.group = group
        self.attempt = attempt
        self.oldestVersion = oldestVersion
        self.problem = problem
        self.samples = samples
        self.seed = seed
        self.duration = duration
    }

    /// Whether the group may be sampled with a version: not an older one than the lease allows, nor one that does not
    /// exist while its step is collected.
    ///
    /// An evaluation belongs to the step that updates the version evaluated, and so allows this version alone.
    package func allows(_ version: PolicyVersion) -> Bool {
        self.oldestVersion <= version && version <= self.group.step.startVersion
    }

    /// Whether the steps of both leases can be open at once: the learner trains a step when it is the oldest open one, and
    /// its version is then the oldest that the last open one allows.
    package func canBeOpen(with other: Lease) -> Bool {
        self.oldestVersion <= other.group.step.startVersion && other.oldestVersion <= self.group.step.startVersion
    }
}

/// A group and the attempt under which it is held.
package struct LeaseID: Hashable, Sendable {
    package var group: GroupID
    package var attempt: UInt32

    package init(group: GroupID, attempt: UInt32) {
        self.group = group
        self.attempt = attempt
    }
}

/// A prompt as the model sees it, and the answer its responses are scored against.
package struct Problem: Hashable, Sendable, Codable {
    /// Its place in the task's split; stable for a given source and split seed.
    package var index: UInt32
    /// The text to tokenise, templates and examples included.
    package var prompt: String
    package var answer: String
    /// Where it is from, if that decides how it is scored; else empty.
    package var source: String
    /// What else its data set says of it, as a JSON object, if it is scored by a program; else empty.
    package var metadata: String

    package init(index: UInt32, prompt: String, answer: String, source: String = "", metadata: String = "") {
        self.index = index
        self.prompt = prompt
        self.answer = answer
        self.source = source
        self.metadata = metadata
    }
}
