import EADCore
import EADEngine
import EADLearner
import EADMessages
import EADProtocol
import EADTestKit
import EADWorker

/// The model of engine and disk.
extension Simulation {
    static func mix(_ values: UInt64...) -> UInt64 {
        values.reduce(0x9E37_79B9_7F4A_7C15) { hash, value in
            var x = hash ^ value
            x = (x ^ x >> 30) &* 0xBF58_476D_1CE4_E5B9
            x = (x ^ x >> 27) &* 0x94D0_49BB_1331_11EB
            return x ^ x >> 31
        }
    }

    /// Weights as three chunks: one that follows every update, one that never changes, one that changes now and then.
    ///
    /// A chunk is its own hash.
    static func chunks(of weights: UInt64) -> [[UInt8]] { Self.chunks(Self.values(of: weights)) }

    private static func values(of weights: UInt64) -> [UInt64] { [weights, 1, weights % 3] }

    private static func chunks(_ values: [UInt64]) -> [[UInt8]] {
        values.map { value in
            (0..<32).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0 % 8))) }
        }
    }

    static func weights(of chunks: [[UInt8]]) -> UInt64 {
        chunks[0].prefix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * UInt64($1.offset)) }
    }

    static func manifest(_ version: PolicyVersion, _ weights: UInt64) -> PolicyManifest {
        let chunks = Self.chunks(of: weights)
        return PolicyManifest(
            version: version, precision: .bf16, totalBytes: 96, chunkBytes: 32, chunkHashes: chunks,
            rootHash: chunks[0])
    }

    /// How much the two chunks that change grew, as numbers.
    static func delta(_ base: (version: PolicyVersion, weights: UInt64)?, _ weights: UInt64) -> PublishedDelta? {
        guard let base else { return nil }
        let growth = zip(Self.values(of: base.weights), Self.values(of: weights)).map { $1 &- $0 }
        let bytes = SharedBytes(
            [growth[0], growth[2]].flatMap { growth in (0..<8).map { UInt8(growth >> (8 * $0) & 0xFF) } })
        return PublishedDelta(
            PolicyDelta(
                base: Self.manifest(base.version, base.weights).held, totalBytes: UInt64(bytes.count),
                pieceHashes: [Self.hash(bytes)]), bytes: bytes)
    }

    static func apply(_ delta: SharedBytes, to buffer: [[UInt8]]) -> [[UInt8]] {
        func number(_ bytes: some Sequence<UInt8>) -> UInt64 {
            bytes.prefix(8).enumerated().reduce(0) { $0 | UInt64($1.element) << (8 * UInt64($1.offset)) }
        }
        var values = buffer.map { number($0) }
        values[0] &+= number(delta.array)
        values[2] &+= number(delta.array.dropFirst(8))
        return Self.chunks(values)
    }

    /// Of a chunk, the chunk; of a delta, something that all of its bytes make.
    static func hash(_ bytes: SharedBytes) -> [UInt8] {
        if bytes.count == 32 { return bytes.array }
        let value = bytes.array.reduce(0) { Self.mix($0, UInt64($1)) }
        return (0..<32).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0 % 8))) }
    }

    func train(_ step: GlobalStep, _ groups: [RolloutGroup]) {
        self.ledger.note(step, groups, on: self.weights)
        self.weights = Self.weights(self.weights, trainedOn: groups)
        self.trainedStep = step
    }

    /// What an engine finds when it computes what was recorded at sampling.
    static func refusals(of groups: [RolloutGroup]) -> [RefusedGroup] {
        groups.filter { group in
            group.rollouts.contains { $0.trace != .filled($0.trace.tokens) }
        }.map { RefusedGroup(slot: $0.id.slot, reason: "a log-probability is not the learner's") }
    }

    static func weights(_ weights: UInt64, trainedOn groups: [RolloutGroup]) -> UInt64 {
        groups.reduce(weights) { hash, group in
            group.rollouts.flatMap(\.trace.tokens).reduce(Self.mix(hash, UInt64(group.problem))) {
                Self.mix($0, UInt64($1))
            }
        }
    }

    /// A group of one token per response, all drawn by one policy.
    static func rollouts(_ lease: Lease, _ policy: (version: PolicyVersion, chunks: [[UInt8]])) -> RolloutGroup {
        let versions = Array(repeating: [policy.version], count: Int(lease.samples))
        return Self.rollouts(lease, policy.version, drawnBy: versions) { _ in Self.weights(of: policy.chunks) }
    }

    /// - Parameters:
    ///   - version: Computes the prompt.
    ///   - versions: Those that draw the tokens of each response.
    static func rollouts(
        _ lease: Lease, _ version: PolicyVersion, drawnBy versions: [[PolicyVersion]],
        weights: (PolicyVersion) -> UInt64
    ) -> RolloutGroup {
        let rollouts = versions.enumerated().map { sample, versions in
            var value = Self.mix(
                weights(version), lease.seed, lease.group.step.rawValue, UInt64(lease.problem.index), UInt64(sample))
            var (tokens, runs) = ([TokenID](), VersionRuns())
            for (place, drawing) in versions.enumerated() {
                if place > 0 || drawing != version { value = Self.mix(value, weights(drawing), UInt64(place)) }
                tokens.append(TokenID(truncatingIfNeeded: value) >> 1)
                runs.append(drawing, after: place, group: version)
            }
            let isRight = value % 2 == 1
            return Rollout(
                trace: .filled(tokens), finish: .stopToken,
                verdict: Verdict(
                    reward: isRight ? 1 : 0, strictReward: 0, prediction: isRight ? "right" : "wrong"), runs: runs)
        }
        return RolloutGroup(
            id: lease.group, attempt: lease.attempt, policyVersion: version, problem: lease.problem.index,
            promptTokens: [1], rollouts: rollouts)
    }

    /// The samples of a group with their verdicts.
    static func scored(_ group: GeneratedGroup, _ lease: Lease, _ rollouts: RolloutGroup) -> WorkerEvent {
        guard lease.group.purpose == .evaluation else { return .scored(rollouts) }
        return .graded(
            group.id,
            rollouts.rollouts.map {
                EvaluatedSample(greedy: false, verdict: $0.verdict, tokens: 1, text: "\($0.trace.tokens)")
            })
    }
}

extension Simulation {
    /// Whether its engine gets on with anything.
    func isBusy(_ node: NodeID) -> Bool {
        node == Self.learnerNode ? !self.learnerJobs.isEmpty : !(self.engines[node]?.jobs.isEmpty ?? true)
    }
}

/// A group that is being sampled.
struct SimulatedJob: Sendable {
    let start: ContinuousClock.Instant
    /// Nil until that is known.
    var due: ContinuousClock.Instant?
    let lease: Lease
    /// Of each response.
    let tokens: Int
    /// The policies that it was sampled with, each from an instant on.
    private(set) var policies: [(since: ContinuousClock.Instant, version: PolicyVersion, chunks: [[UInt8]])] = []

    init(_ lease: Lease, tokens: Int, from start: ContinuousClock.Instant, to due: ContinuousClock.Instant?) {
        self.lease = lease
        self.tokens = tokens
        self.start = start
        self.due = due
    }

    func isDone(by now: ContinuousClock.Instant) -> Bool { self.due.map { $0 <= now } ?? false }

    /// What draws its next token; nil before it was given a policy.
    var version: PolicyVersion? { self.policies.last?.version }

    mutating func goOn(with version: PolicyVersion, _ chunks: [[UInt8]], at now: ContinuousClock.Instant) {
        self.policies.append((now, version, chunks))
    }

    /// Responses get their tokens at equal distances, each response somewhat earlier than the one before.
    var group: RolloutGroup {
        guard let first = self.policies.first, let due = self.due else {
            preconditionFailure("generation without a policy")
        }
        let versions = (0..<Int(self.lease.samples)).map { sample in
            (1...self.tokens).map { place in
                let share = Double(place) - 0.25 * Double(sample)
                let instant = self.start + self.start.duration(to: due) * (share / Double(self.tokens))
                return self.policies.last { $0.since < instant }?.version ?? first.version
            }
        }
        return Simulation.rollouts(self.lease, first.version, drawnBy: versions) { version in
            Simulation.weights(of: self.policies.first { $0.version == version }?.chunks ?? first.chunks)
        }
    }
}

/// A worker's engine.
struct SimulatedEngine: Sendable {
    /// Contents of the chunks in the second buffer, and of the resident policies.
    var buffer: [[UInt8]]
    var policies: [PolicyVersion: [[UInt8]]] = [:]
    var jobs: [SimulatedJob] = []
    var lanes = SimulatedDecoding.Lanes()
    /// Sampled, and not yet reported with verdicts.
    var sampled: [GroupID: RolloutGroup] = [:]
    var verdicts: [(job: UInt64, event: WorkerEvent)] = []
    var reports: [WorkerEvent] = []
    /// As a heartbeat has it.
    var tokens: UInt64 = 0
    var passes: UInt64 = 0
    var passMilliseconds: UInt64 = 0

    /// Some milliseconds have passed in which it drew tokens of whatever it has.
    mutating func count(_ milliseconds: UInt64, passesPerSecond: UInt64) {
        let passes = milliseconds * passesPerSecond / 1000
        self.passes += passes
        self.tokens += passes * self.jobs.reduce(0) { $0 + UInt64($1.lease.samples) }
        self.passMilliseconds += milliseconds
    }

    /// What is sampled with a policy that is not kept goes on with this one.
    mutating func install(
        _ version: PolicyVersion, keeping kept: Set<PolicyVersion>, at now: ContinuousClock.Instant
    ) {
        self.policies = self.policies.filter { kept.contains($0.key) }
        self.policies[version] = self.buffer
        for place in self.jobs.indices where !(self.jobs[place].version.map(kept.contains) ?? false) {
            self.jobs[place].goOn(with: version, self.buffer, at: now)
        }
    }

    /// Groups that become complete are done.
    mutating func decode(_ seconds: Double, _ decoding: SimulatedDecoding, now: ContinuousClock.Instant) {
        let versions = self.jobs.reduce(into: [:]) { $0[$1.lease.group] = $1.version }
        for id in self.lanes.advance(seconds, decoding, version: { versions[$0] }) {
            for place in self.jobs.indices where self.jobs[place].lease.group == id { self.jobs[place].due = now }
        }
    }

    /// What is done by now.
    mutating func takeReports(now: ContinuousClock.Instant) -> [WorkerEvent] {
        guard !self.reports.isEmpty || !self.verdicts.isEmpty || self.jobs.contains(where: { $0.isDone(by: now) })
        else {
            return []
        }
        for group in self.jobs.filter({ $0.isDone(by: now) }).map(\.group) {
            self.sampled[group.id] = group
            self.reports.append(.sampled(GeneratedGroup(id: group.id, version: group.policyVersion, samples: [])))
        }
        self.jobs.removeAll { $0.isDone(by: now) }
        let reports = self.reports + self.verdicts.map(\.event)
        self.reports = []
        self.verdicts = []
        return reports
    }
}
