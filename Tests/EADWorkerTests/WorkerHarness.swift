import EADConfiguration
import EADCore
import EADMessages
import EADProtocol
import EADTestKit
import EADWorker
import Testing

/// Messages for a worker, and what to look for in its answers.
enum WorkerHarness {
    static let now = ContinuousClock.Instant.now

    static func state(
        credit: UInt32 = 2, chunkHashes: [[UInt8]] = [], mirrored: HeldPolicy? = nil, policyBytes: UInt64 = 1,
        swap: TrainingConfiguration.WeightSwap? = nil
    ) -> WorkerState {
        WorkerState(
            settings: WorkerState.Settings(
                credit: credit, requestTimeout: .seconds(10), drainTimeout: .seconds(30), chunkCredit: 2,
                chunkAttempts: 3, swap: swap),
            member: Member(
                Member.Identity(
                    node: NodeID("worker"), role: .worker, nonce: [UInt8](repeating: 1, count: 16),
                    configurationHash: Self.hash(2), host: "host", processID: 9,
                    controller: Endpoint(host: "host", port: 1)),
                run: nil, backoff: Backoff(seed: 1), liveness: LivenessConfiguration(), now: Self.now),
            chunkHashes: chunkHashes, mirrored: mirrored, policyBytes: policyBytes)
    }

    /// A worker of an asynchronous run that has a version, which is the newest, and asks for the next.
    static func state(at version: UInt64, credit: UInt32, swap: TrainingConfiguration.WeightSwap) -> WorkerState {
        var state = Self.state(credit: credit, swap: swap)
        #expect(state.hear(of: PolicyVersion(version), now: Self.now) == [Self.asksFor(version)])
        #expect(state.fetch(version, now: Self.now) == [Self.asksFor(version + 1, have: version)])
        return state
    }

    /// The manifest and the only chunk of a version come.
    static func arrive(_ version: UInt64, _ state: inout WorkerState) -> [WorkerEffect] {
        _ = state.receive(Self.manifest(version, [UInt8(version)]), now: Self.now)
        return state.receivedChunk(Self.chunk(version, 0), intact: true, now: Self.now)
    }

    static func generates(_ offer: LeaseOffer, _ version: UInt64) -> WorkerEffect {
        .perform(.generate(offer.lease, PolicyVersion(version)))
    }

    static func offer(
        _ step: UInt64, _ slot: UInt32, attempt: UInt32 = 1, purpose: Purpose = .training, oldest: UInt64? = nil
    ) -> LeaseOffer {
        LeaseOffer(
            lease: Lease(
                group: GroupID(purpose: purpose, step: GlobalStep(step), slot: slot), attempt: attempt,
                oldestVersion: PolicyVersion(oldest ?? step), problem: Problem(index: slot, prompt: "p", answer: "a"),
                samples: 1,
                seed: 5, duration: .seconds(60)))
    }

    static func hash(_ value: UInt8) -> [UInt8] { [UInt8](repeating: value, count: 32) }

    static func manifest(_ version: UInt64, _ chunks: [UInt8]) -> PolicyManifest {
        PolicyManifest(
            version: PolicyVersion(version), precision: .bf16, totalBytes: UInt64(chunks.count), chunkBytes: 1,
            chunkHashes: chunks.map(Self.hash), rootHash: Self.hash(99))
    }

    static func chunk(_ version: UInt64, _ index: UInt32) -> PolicyChunk {
        PolicyChunk(version: PolicyVersion(version), index: index)
    }

    static func group(_ offer: LeaseOffer) -> RolloutGroup {
        RolloutGroup(
            id: offer.lease.group, attempt: offer.lease.attempt, policyVersion: offer.lease.oldestVersion,
            problem: offer.lease.problem.index, promptTokens: [1],
            rollouts: [
                Rollout(trace: .filled([2]), finish: .stopToken, verdict: Verdict(reward: 1, strictReward: 1))
            ])
    }

    static func ack(_ offer: LeaseOffer, _ status: GroupAck.Status, _ reason: String = "") -> GroupAck {
        GroupAck(lease: offer.lease.held, status: status, reason: reason)
    }

    static func accepts(_ offer: LeaseOffer) -> WorkerEffect {
        .tellController(.leaseAccept(LeaseAccept(lease: offer.lease.held)))
    }

    static func returns(_ offer: LeaseOffer, _ outcome: LeaseReturn.Outcome, _ reason: String = "") -> WorkerEffect {
        .tellController(.leaseReturn(LeaseReturn(lease: offer.lease.held, outcome: outcome, reason: reason)))
    }

    /// - Parameter have: The version in the second buffer, if it has been fetched.
    static func asksFor(_ version: UInt64, have: UInt64? = nil) -> WorkerEffect {
        let held = have.map { HeldPolicy(version: PolicyVersion($0), rootHash: Self.hash(99)) }
        return .tellLearner(.manifestRequest(ManifestRequest(version: PolicyVersion(version), have: held)))
    }

    static func asksForChunk(_ version: UInt64, _ index: UInt32) -> WorkerEffect {
        .tellLearner(.chunkRequest(ChunkRequest(version: PolicyVersion(version), index: index)))
    }
}

extension Lease {
    var held: LeaseID { LeaseID(group: self.group, attempt: self.attempt) }
}

extension WorkerState {
    /// Fetches and installs a policy of one chunk, for a lease that waits for it.
    mutating func fetch(_ version: UInt64, now: ContinuousClock.Instant) -> [WorkerEffect] {
        let manifest = WorkerHarness.manifest(version, [UInt8(version)])
        _ = self.receive(manifest, now: now)
        _ = self.receivedChunk(WorkerHarness.chunk(version, 0), intact: true, now: now)
        return self.installed(manifest, now: now)
    }
}

extension WorkerState {
    /// The controller of a synchronous run answers a heartbeat.
    mutating func follow(_ step: GlobalStep) -> [WorkerEffect] {
        self.follow(HeartbeatReply(step: step, stop: false, windowEnd: step.next))
    }
}

extension WorkerEffect {
    /// Of a worker with one policy at a time: with the only one that is allowed.
    static func generate(_ lease: Lease) -> Self { .perform(.generate(lease, lease.oldestVersion)) }
    static func install(_ manifest: PolicyManifest) -> Self { .perform(.install(manifest, keeping: [])) }
}
