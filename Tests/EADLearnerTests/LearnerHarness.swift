import EADAlgorithms
import EADCore
import EADFiles
import EADLearner
import EADMessages
import EADProtocol
import EADTestKit

/// A learner of two groups per step, and what workers send it.
enum LearnerHarness {
    typealias State = LearnerState

    static let run = RunID(bytes: [UInt8](repeating: 7, count: 16))!

    static func state(
        step: UInt64 = 0, run: RunID? = LearnerHarness.run, totalSteps: UInt64 = 6, checkpointEvery: UInt64 = 2,
        report: StepReport? = nil, filter: GroupFilter = .none, maximumSlots: UInt32? = nil, samples: UInt32 = 1,
        checkpoint: UInt64? = nil, isBitExact: Bool = true, bound: UInt64 = 0
    ) -> State {
        var state = Self.recovering(
            step: step, run: run, totalSteps: totalSteps, checkpointEvery: checkpointEvery, filter: filter,
            maximumSlots: maximumSlots, samples: samples, checkpoint: checkpoint, isBitExact: isBitExact, bound: bound)
        _ = state.recovered(Self.recovered(step, run: run, checkpoint: checkpoint, report: report))
        return state
    }

    static func recovered(
        _ step: UInt64, run: RunID? = LearnerHarness.run, checkpoint: UInt64? = nil, pending: [RolloutGroup] = [],
        report: StepReport? = nil
    ) -> Recovered {
        var held = JournalledStep()
        for group in pending { held.append(ReceivedGroup(group, from: NodeID("worker"))) }
        return Recovered(
            run: run, step: GlobalStep(step), checkpoint: checkpoint.map { GlobalStep($0) }, pending: [held],
            manifest: Self.manifest(step), bytes: Self.bytes, reports: report.map { [$0] } ?? [])
    }

    /// A learner whose engine has not come to where its files say that it was.
    static func recovering(
        step: UInt64 = 0, run: RunID? = LearnerHarness.run, totalSteps: UInt64 = 6, checkpointEvery: UInt64 = 2,
        filter: GroupFilter = .none, maximumSlots: UInt32? = nil, samples: UInt32 = 1, checkpoint: UInt64? = nil,
        isBitExact: Bool = true, bound: UInt64 = 0
    ) -> State {
        State(
            settings: State.Settings(
                groupsPerStep: 2, groupFilter: filter, maximumSlots: maximumSlots, samplesPerGroup: samples,
                terms: ResponseTerms(
                    vocabulary: 100, maximumTokens: 8, contextLength: 20,
                    temperature: { position, _ in TokenTrace.filling(.temperature, at: position) }),
                totalSteps: totalSteps, checkpointEvery: checkpointEvery, stalenessBound: bound, isBitExact: isBitExact),
            member: Member(
                Member.Identity(
                    node: NodeID("learner"), role: .learner, nonce: [UInt8](repeating: 1, count: 16),
                    configurationHash: [], host: "host", processID: 9, controller: Endpoint(host: "host", port: 1)),
                run: run, backoff: Backoff(seed: 1), liveness: LivenessConfiguration(), now: .now),
            step: GlobalStep(step), checkpoint: checkpoint.map { GlobalStep($0) })
    }

    static let bytes = SharedBytes([1, 2])

    static func manifest(_ version: UInt64) -> PolicyManifest {
        let hash = [UInt8](repeating: UInt8(version), count: 32)
        return PolicyManifest(
            version: PolicyVersion(version), precision: .bf16, totalBytes: 2, chunkBytes: 1,
            chunkHashes: [hash, hash], rootHash: hash)
    }

    static func report(_ step: UInt64) -> StepReport {
        StepReport(
            step: GlobalStep(step), version: PolicyVersion(step + 1), rootHash: Self.manifest(step + 1).rootHash,
            metrics: [:])
    }

    /// What the controller is told of it.
    static func tellsReport(
        _ step: UInt64, differing: Double = 0, sampled: Double = 2, filtered: Double = 0, exhausted: Double = 0,
        reward: Double = 1
    ) -> State.Effect {
        var report = Self.report(step)
        report.metrics = [
            "groups_differing": differing, "groups_sampled": sampled, "groups_filtered": filtered,
            "filter_exhausted": exhausted, "reward_sampled": reward,
        ]
        return .tellController(.stepReport(report))
    }

    static func group(
        _ step: UInt64, _ slot: UInt32, attempt: UInt32 = 1, version: UInt64? = nil, token: TokenID = 3,
        rewards: [Float] = [1]
    ) -> RolloutGroup {
        RolloutGroup(
            id: GroupID(step: GlobalStep(step), slot: slot), attempt: attempt,
            policyVersion: PolicyVersion(version ?? step),
            problem: slot, promptTokens: [1, 2],
            rollouts: rewards.map {
                Rollout(
                    trace: .filled([token, 4]), finish: .stopToken, verdict: Verdict(reward: $0, strictReward: 0))
            })
    }

    static func envelope(_ message: Message, run: RunID? = LearnerHarness.run) -> Envelope {
        Envelope(run: run, sender: NodeID("worker"), epoch: Epoch(1), number: 9, message: message)
    }

    static func journals(_ group: RolloutGroup) -> State.Effect {
        .journal(ReceivedGroup(group, from: NodeID("worker")), Self.run)
    }

    static func ack(_ group: RolloutGroup, _ status: GroupAck.Status, _ reason: String = "") -> State.Effect {
        let lease = LeaseID(group: group.id, attempt: group.attempt)
        return .answer(
            .groupAck(GroupAck(lease: lease, status: status, reason: reason)), to: "peer", inReplyTo: 9)
    }

    /// - Parameter isAhead: Whether it says that there is no report to come.
    static func tellsAccepted(
        _ step: UInt64, _ slots: [UInt32], of count: UInt32 = 2, isAhead: Bool = false
    ) -> State.Effect {
        .tellController(
            .groupsAccepted(
                GroupsAccepted(
                    step: GlobalStep(step), slots: slots, slotCount: count, nextStep: isAhead ? GlobalStep(step) : nil))
        )
    }
}

extension RolloutJournal {
    func append(_ group: RolloutGroup, run: RunID) throws(FileError) {
        try self.append(ReceivedGroup(group, from: NodeID("worker")), run: run)
    }
}

extension JournalledStep {
    /// Without the names of those who sent them.
    var rollouts: [RolloutGroup] { self.groups.map(\.group) }
}

extension LearnerState {
    mutating func restore(_ group: RolloutGroup) {
        var held = JournalledStep()
        held.append(ReceivedGroup(group, from: NodeID("worker")))
        _ = self.restore([held])
    }

    mutating func take(_ group: RolloutGroup) -> [Effect] {
        self.receive(LearnerHarness.envelope(.rolloutGroup(group)), from: "peer")
    }

    mutating func take(_ message: Message, run: RunID? = LearnerHarness.run, from peer: Peer = "peer") -> [Effect] {
        self.receive(LearnerHarness.envelope(message, run: run), from: peer)
    }

    /// Collects and trains the step it is at.
    mutating func completeStep() -> [Effect] {
        let step = self.step.rawValue
        for slot in 0..<2 { _ = self.take(LearnerHarness.group(step, UInt32(slot))) }
        return self.published(
            LearnerHarness.report(step), manifest: LearnerHarness.manifest(step + 1), bytes: LearnerHarness.bytes)
    }
}
