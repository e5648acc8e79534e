import EADCore
import EADMessages
import EADTestKit
import Foundation

/// The envelopes whose bytes are committed under Fixtures; the same values as scripts/reference/golden_envelopes.py.
enum GoldenEnvelopes {
    static let run = RunID(bytes: 0..<16)!
    static let digest = [UInt8](0..<32)
    static let training = GroupID(purpose: .training, step: GlobalStep(12), slot: 5)
    static let evaluation = GroupID(purpose: .evaluation, step: GlobalStep(0), slot: 300)
    static let held = LeaseID(group: training, attempt: 2)

    static let discarded = DiscardedGroup(
        lease: held, sender: NodeID("worker-2"), reason: "a log-probability differs")

    static let heartbeat = Heartbeat(
        activity: .generating, isWaiting: true, waitingFor: "the learner \u{2013} 5 s", waitingMilliseconds: 5000,
        progress: 77,
        tokens: 123_456_789_012, tokensPerSecond: 512.5, policyVersion: PolicyVersion(12), credit: 2,
        leases: [held, LeaseID(group: evaluation, attempt: 1)], residentBytes: 734_003_200, draining: true,
        counters: ["chunks_damaged": 3], complaint: "verify.py died (exit status 1)")

    static let report = StepReport(
        step: GlobalStep(11), version: PolicyVersion(12), rootHash: digest,
        metrics: ["loss": -1e-3, "reward_mean": 0.375])

    static let group = RolloutGroup(
        id: training, attempt: 2, policyVersion: PolicyVersion(12), problem: 31, promptTokens: [1, 49151, 7],
        rollouts: [
            Rollout(
                trace: TokenTrace(
                    tokens: [5, 0, .max],
                    columns: [
                        .temperature: [1, 1.5, 0.25], .behaviourLogProb: [-0.5, -1.25, 0],
                        .policyLogProb: [-0.5, -2.5, -0.125], .policyEntropy: [1.5, 0, 2.25],
                        .behaviourEntropy: [0.5, 0, 3],
                    ]),
                finish: .stopString, verdict: Verdict(reward: 1, strictReward: 0.5, prediction: "4")),
            // Drawn at temperature 1, which goes without saying, and without a score.
            Rollout(
                trace: TokenTrace(
                    tokens: [2],
                    columns: [
                        .behaviourLogProb: [-3], .policyLogProb: [-3], .policyEntropy: [0.75],
                        .behaviourEntropy: [0.75],
                    ]),
                finish: .length, verdict: nil),
        ])

    /// A group whose responses went on with newer policies, one of them from its first token.
    static let mixed: RolloutGroup = {
        var group = Self.filled
        group.policyVersion = PolicyVersion(10)
        group.promptTokens = [1]
        group.rollouts[0] = Rollout(
            trace: TokenTrace(
                tokens: [5, 6, 7],
                columns: [
                    .behaviourLogProb: [-0.5, -1.25, 0], .policyLogProb: [-0.5, -2.5, -0.125],
                    .policyEntropy: [1.5, 0, 2.25], .behaviourEntropy: [0.5, 0, 3],
                ]),
            finish: .length, verdict: nil,
            runs: VersionRuns([
                VersionRuns.Run(PolicyVersion(10), tokens: 2), VersionRuns.Run(PolicyVersion(12), tokens: 1),
            ]))
        group.rollouts[1] = Self.group.rollouts[1]
        group.rollouts[1].runs = VersionRuns([VersionRuns.Run(PolicyVersion(11), tokens: 1)])
        return group
    }()

    /// A group whose rollouts have three tokens and every column.
    static let filled: RolloutGroup = {
        var group = Self.group
        for index in group.rollouts.indices { group.rollouts[index].trace = .filled([5, 0, .max]) }
        return group
    }()

    static let lease = Lease(
        group: training, attempt: 2, oldestVersion: PolicyVersion(12),
        problem: Problem(index: 31, prompt: "Q: 2 + 2 \u{00D7} 1 = ?\nA:", answer: "4"), samples: 16,
        seed: 0xFEDC_BA98_7654_3210, duration: .milliseconds(90_500))

    static let returned = LeaseReturn(
        lease: LeaseID(group: evaluation, attempt: 1), outcome: .completed,
        samples: [
            EvaluatedSample(
                greedy: true, verdict: Verdict(reward: 1, strictReward: 0), tokens: 17, text: "the answer is 4\0"),
            EvaluatedSample(greedy: false, verdict: Verdict(reward: 0, strictReward: 0), tokens: 64, text: ""),
            EvaluatedSample(greedy: false, verdict: nil, tokens: 8, text: "4"),
        ])

    static let status = StatusReply(
        run: run, name: "quickstart", phase: .training, step: GlobalStep(12), totalSteps: 100,
        waitingFor: "worker-2", waitingMilliseconds: 1500, groupsAccepted: 6, groupsPerStep: 8,
        elapsedMilliseconds: 360_000,
        members: [
            MemberStatus(
                node: NodeID("worker-1"), role: .worker, health: .stalled, process: "node7:4243", epoch: Epoch(3),
                silentMilliseconds: 250, heartbeat: heartbeat)
        ],
        steps: [report],
        evaluations: [
            EvaluationReport(
                version: PolicyVersion(0), problems: 200, samples: 4,
                values: [
                    "greedy_accuracy": 0.25, "mean": 0.125, "mean_low": 0.1, "pass_at_4": 0.5,
                    "strict_greedy_accuracy": 0.1875,
                ],
                request: 77)
        ],
        counters: ["leases_expired": 4], troubles: ["worker-2 \u{2013} stalled"])

    /// As `returned` is written where responses carry predictions.
    static let predicted = LeaseReturn(
        lease: LeaseID(group: evaluation, attempt: 1), outcome: .completed,
        samples: [
            EvaluatedSample(
                greedy: false, verdict: Verdict(reward: 1, strictReward: 1, prediction: "4"), tokens: 17,
                text: "2 + 2 = 4")
        ])

    /// Every message, by the name of its file.
    static let messages: [(name: String, message: Message)] = [
        (
            "hello",
            .hello(
                Hello(
                    role: .learner, nonce: run.bytes, configurationHash: digest,
                    nextStep: GlobalStep(12),
                    acceptedSlots: [0, 3, 128, 70000], host: "node7", processID: 4242))
        ),
        (
            "hello_slot_count",
            .hello(
                Hello(
                    role: .learner, nonce: run.bytes, configurationHash: digest, nextStep: GlobalStep(12),
                    acceptedSlots: [0, 3], slotCount: 9, host: "node7", processID: 4242))
        ),
        (
            "hello_contents",
            .hello(
                Hello(
                    role: .worker, nonce: run.bytes, configurationHash: digest, nextStep: GlobalStep(0),
                    acceptedSlots: [], host: "node7", processID: 4242,
                    contents: [
                        SharedContent(name: "vocabulary", hash: digest), SharedContent(name: "verifier", hash: digest),
                    ]))
        ),
        (
            "hello_discarded",
            .hello(
                Hello(
                    role: .learner, nonce: run.bytes, configurationHash: digest, nextStep: GlobalStep(12),
                    acceptedSlots: [0, 3], slotCount: 9, host: "node7", processID: 4242, discarded: [discarded]))
        ),
        (
            "hello_settings",
            .hello(
                Hello(
                    role: .worker, nonce: run.bytes, configurationHash: digest, nextStep: GlobalStep(0),
                    acceptedSlots: [], host: "node7", processID: 4242,
                    settings: "run.name \u{201E}a\u{201C}\nrun.steps 40"))
        ),
        (
            "hello_later_steps",
            .hello(
                Hello(
                    role: .learner, nonce: run.bytes, configurationHash: digest, nextStep: GlobalStep(10),
                    acceptedSlots: [0, 3], slotCount: 8, host: "node7", processID: 4242,
                    laterSteps: [
                        GroupsAccepted(step: GlobalStep(11), slots: [2], slotCount: 8),
                        GroupsAccepted(step: GlobalStep(12), slots: [], slotCount: 8, discarded: [discarded]),
                    ]))
        ),
        ("welcome", .welcome(Welcome(run: run, epoch: Epoch(9)))),
        ("refusal", .refusal(Refusal(code: .fenced, reason: "a newer worker-1 took over"))),
        ("heartbeat", .heartbeat(heartbeat)),
        (
            "heartbeat_reply",
            .heartbeatReply(HeartbeatReply(step: GlobalStep(12), stop: true, windowEnd: GlobalStep(15)))
        ),
        ("goodbye", .goodbye(Goodbye(reason: "drained"))),
        ("lease_offer", .leaseOffer(LeaseOffer(lease: lease))),
        ("lease_accept", .leaseAccept(LeaseAccept(lease: held))),
        ("lease_return", .leaseReturn(returned)),
        ("rollout_group", .rolloutGroup(group)),
        ("rollout_group_runs", .rolloutGroup(mixed)),
        ("group_ack", .groupAck(GroupAck(lease: held, status: .stale, reason: "step 12 is over"))),
        ("manifest_request", .manifestRequest(ManifestRequest(version: PolicyVersion(12)))),
        (
            "policy_manifest",
            .policyManifest(
                PolicyManifest(
                    version: PolicyVersion(12), precision: .bf16, totalBytes: (4 << 20) + 1, chunkBytes: 4 << 20,
                    chunkHashes: [digest, digest.reversed()], rootHash: digest))
        ),
        ("chunk_request", .chunkRequest(ChunkRequest(version: PolicyVersion(12), index: 64))),
        ("policy_chunk", .policyChunk(PolicyChunk(version: PolicyVersion(12), index: 64))),
        (
            "manifest_request_have",
            .manifestRequest(
                ManifestRequest(
                    version: PolicyVersion(12), have: HeldPolicy(version: PolicyVersion(10), rootHash: digest)))
        ),
        (
            "policy_manifest_deltas",
            .policyManifest(
                PolicyManifest(
                    version: PolicyVersion(12), precision: .bf16, totalBytes: (4 << 20) + 1, chunkBytes: 4 << 20,
                    chunkHashes: [digest, digest.reversed()], rootHash: digest,
                    deltas: [
                        PolicyDelta(
                            base: HeldPolicy(version: PolicyVersion(10), rootHash: digest), totalBytes: 1000,
                            pieceHashes: [digest.reversed()]),
                        PolicyDelta(
                            base: HeldPolicy(version: PolicyVersion(11), rootHash: digest.reversed()),
                            totalBytes: (4 << 20) + 2, pieceHashes: [digest, digest]),
                    ]))
        ),
        (
            "chunk_request_delta",
            .chunkRequest(ChunkRequest(version: PolicyVersion(12), index: 1, delta: PolicyVersion(11)))
        ),
        (
            "policy_chunk_delta",
            .policyChunk(PolicyChunk(version: PolicyVersion(12), index: 1, delta: PolicyVersion(11)))
        ),
        ("groups_accepted", .groupsAccepted(GroupsAccepted(step: GlobalStep(12), slots: [1, 2, 300]))),
        (
            "groups_accepted_slot_count",
            .groupsAccepted(GroupsAccepted(step: GlobalStep(12), slots: [1, 2, 300], slotCount: 301))
        ),
        (
            "groups_accepted_discarded",
            .groupsAccepted(
                GroupsAccepted(step: GlobalStep(12), slots: [1, 2], slotCount: 8, discarded: [discarded]))
        ),
        ("step_report", .stepReport(report)),
        (
            "control_request",
            .controlRequest(ControlRequest(verb: .pause, runName: "quickstart", sinceStep: GlobalStep(3)))
        ),
        ("control_reply", .controlReply(ControlReply(accepted: true, message: "paused"))),
        ("status_reply", .statusReply(status)),
        ("lease_return_predicted", .leaseReturn(predicted)),
        ("goodbye_failed", .goodbye(Goodbye(reason: "step 3 is refused", failed: true))),
        (
            "control_request_evaluate",
            .controlRequest(ControlRequest(verb: .evaluate, runName: "quickstart", samples: 16, request: 77))
        ),
    ]

    static func envelope(_ message: Message) -> Envelope {
        var run: RunID? = Self.run
        if case .hello = message { run = nil }
        return Envelope(
            run: run, sender: NodeID("worker-1"), epoch: Epoch(3), number: 41, inReplyTo: 7, message: message,
            wireVersion: 2)
    }

    static func fixture(_ name: String) throws -> [UInt8] {
        let url = Bundle.module.bundleURL.appending(path: "Fixtures/v2/\(name).bin")
        return try [UInt8](Data(contentsOf: url))
    }
}
