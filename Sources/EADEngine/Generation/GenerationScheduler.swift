package import EADCore

/// Decides which samples are drawn together and which prompts are computed next; computes nothing.
///
/// A group waits in the queue, is admitted when its prompt is to be computed, and its samples then take lanes as they
/// become free. What it names by number belongs to whoever computes: pages of keys and values, positions of prompts.
package struct GenerationScheduler: Sendable {
    /// A group whose prompt is computed, or is about to be.
    package struct Prompt: Hashable, Sendable {
        /// Different for every group ever admitted, unlike the group's id.
        package let number: UInt64
        /// The policy that it is computed with.
        package let version: PolicyVersion
        package let tokens: [TokenID]
    }

    /// The active samples of one policy, as rows of the next pass.
    package struct Cohort: Hashable, Sendable {
        package let version: PolicyVersion
        /// Samples with a token to feed.
        package let continuing: Range<Int>
        /// Samples that draw their first token; they follow.
        package let fresh: Range<Int>

        package var rows: Range<Int> { self.continuing.lowerBound..<self.fresh.upperBound }
    }

    /// What a call let go of: whatever is kept for these numbers can be given back.
    package struct Released: Hashable, Sendable {
        package var prompts: [UInt64] = []
        package var samples: [UInt64] = []
    }

    private struct Queued: Sendable {
        let request: GenerationRequest
        var version: PolicyVersion
    }

    private struct Group: Sendable {
        let number: UInt64
        let request: GenerationRequest
        /// What its prompt was computed with, and what its next samples begin with.
        let promptVersion: PolicyVersion
        var version: PolicyVersion
        var started = 0
        var finished: [GeneratedSample?]
    }

    /// The most samples drawn together.
    package let lanes: Int
    private var queue: [Queued] = []
    /// Admitted groups, in the order of their admission.
    private var groups: [Group] = []
    /// The samples in the lanes, in the order of the rows of the next pass.
    package private(set) var active: [ScheduledSample] = []
    private var numbers: UInt64 = 0

    package init(lanes: Int) {
        precondition(lanes >= 1, "there is at least one lane")
        self.lanes = lanes
    }

    /// Whether nothing is queued or being generated.
    package var isIdle: Bool { self.queue.isEmpty && self.groups.isEmpty }

    /// The policies that something queued or being generated is drawn with from here on.
    package var versions: Set<PolicyVersion> {
        Set(self.queue.map(\.version) + self.groups.map(\.version) + self.active.map(\.version))
    }

    /// What is sampled with another policy than those kept goes on with this one: queued groups from their prompts, samples
    /// from their next token, each with the keys and values it has.
    package mutating func goOn(with version: PolicyVersion, keeping kept: Set<PolicyVersion>) {
        for place in self.queue.indices where !kept.contains(self.queue[place].version) {
            self.queue[place].version = version
        }
        for place in self.groups.indices where !kept.contains(self.groups[place].version) {
            self.groups[place].version = version
        }
        for place in self.active.indices where !kept.contains(self.active[place].version) {
            self.active[place].goOn(with: version)
        }
    }

    /// Queues a group, which is sampled with this policy until it is told to go on with another.
    package mutating func submit(_ request: GenerationRequest, with version: PolicyVersion) {
        precondition(!request.samples.isEmpty && !request.promptTokens.isEmpty, "a request has a prompt and samples")
        self.queue.append(Queued(request: request, version: version))
    }

    /// Drops a group, wherever it is; unknown ids are ignored.
    package mutating func cancel(_ id: GroupID) -> Released {
        self.queue.removeAll { $0.request.id == id }
        let released = Released(
            prompts: self.groups.filter { $0.request.id == id }.map(\.number),
            samples: self.active.filter { $0.group == id }.map(\.number))
        self.groups.removeAll { $0.request.id == id }
        self.active.removeAll { $0.group == id }
        return released
    }

    /// Starts samples of admitted groups in free lanes.
    package mutating func start() -> [ScheduledSample] {
        var started: [ScheduledSample] = []
        for place in self.groups.indices {
            while self.active.count < self.lanes, self.groups[place].started < self.groups[place].finished.count {
                let group = self.groups[place]
                let sample = ScheduledSample(
                    number: self.nextNumber(), prompt: group.number, request: group.request,
                    promptVersion: group.promptVersion, version: group.version, index: group.started)
                self.groups[place].started += 1
                self.active.append(sample)
                started.append(sample)
            }
        }
        return started
    }

    /// Admits the next groups: as many as the free lanes need and a pass of `rows` rows holds, at least one.
    ///
    /// Empty when no lane is free or nothing is queued.
    package mutating func admit(rows limit: Int) -> [Prompt] {
        var admitted: [Prompt] = []
        var samples = 0
        var rows = 0
        while let queued = self.queue.first, samples < self.lanes - self.active.count,
            admitted.isEmpty || rows + queued.request.promptTokens.count <= limit
        {
            let (request, version) = (queued.request, queued.version)
            self.queue.removeFirst()
            let number = self.nextNumber()
            self.groups.append(
                Group(
                    number: number, request: request, promptVersion: version, version: version,
                    finished: Array(repeating: nil, count: request.samples.count)))
            admitted.append(Prompt(number: number, version: version, tokens: request.promptTokens))
            samples += request.samples.count
            rows += request.promptTokens.count
        }
        return admitted
    }

    /// Puts the active samples that a policy draws next together, oldest policy first, and of these the samples with a token to
    /// feed before those that draw their first.
    package mutating func arrange() -> [Cohort] {
        let versions = Set(self.active.map(\.version)).sorted()
        var arranged: [ScheduledSample] = []
        arranged.reserveCapacity(self.active.count)
        let cohorts = versions.map { version in
            let first = arranged.count
            arranged += self.active.filter { $0.version == version && !$0.trace.tokens.isEmpty }
            let fresh = arranged.count
            arranged += self.active.filter { $0.version == version && $0.trace.tokens.isEmpty }
            return Cohort(version: version, continuing: first..<fresh, fresh: fresh..<arranged.count)
        }
        self.active = arranged
        return cohorts
    }

    /// Takes the tokens drawn for the active samples, in their order.
    ///
    /// - Parameters:
    ///   - append: Adds the token drawn for a row to the sample's trace.
    ///   - tokenBytes: The bytes a token stands for.
    /// - Returns: The groups that are complete, and what can be given back.
    package mutating func record(
        tokenBytes: (TokenID) -> [UInt8], append: (_ row: Int, inout TokenTrace) -> Void
    ) -> (complete: [GeneratedGroup], released: Released) {
        var released = Released()
        var complete: [GeneratedGroup] = []
        // Taken out, so that traces grow where they are.
        var active: [ScheduledSample] = []
        swap(&active, &self.active)
        var ended: Set<UInt64> = []
        for row in active.indices {
            guard let finish = active[row].append(tokenBytes: tokenBytes, { append(row, &$0) }) else { continue }
            let sample = active[row]
            ended.insert(sample.number)
            released.samples.append(sample.number)
            guard let place = self.groups.firstIndex(where: { $0.number == sample.prompt }) else {
                preconditionFailure("the group of an active sample is there")
            }
            self.groups[place].finished[sample.index] = GeneratedSample(
                trace: sample.trace, finish: finish, runs: sample.runs)
            let finished = self.groups[place].finished.compactMap { $0 }
            guard finished.count == self.groups[place].finished.count else { continue }
            released.prompts.append(sample.prompt)
            complete.append(GeneratedGroup(id: sample.group, version: sample.promptVersion, samples: finished))
            self.groups.remove(at: place)
        }
        active.removeAll { ended.contains($0.number) }
        self.active = active
        return (complete, released)
    }

    private mutating func nextNumber() -> UInt64 {
        self.numbers += 1
        return self.numbers
    }
}
