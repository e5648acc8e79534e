import EADCore
import EADMessages
import EADTestKit

/// Valid envelopes drawn at random, for properties that must hold for all of them.
struct RandomEnvelopes {
    static let kinds = 20
    private var generator: SplitMix64

    init(seed: UInt64) { self.generator = SplitMix64(seed: seed) }

    mutating func next(kind: Int) -> Envelope {
        Envelope(
            run: self.flip() ? self.run() : nil, sender: self.node(), epoch: Epoch(self.counter()),
            number: self.counter() + 1, inReplyTo: self.counter(), message: self.message(kind: kind))
    }

    /// The place of a message in `Message`; a new case does not compile until it has one here.
    static func caseIndex(_ message: Message) -> Int {
        switch message {
        case .hello: 0
        case .welcome: 1
        case .refusal: 2
        case .heartbeat: 3
        case .heartbeatReply: 4
        case .goodbye: 5
        case .leaseOffer: 6
        case .leaseAccept: 7
        case .leaseReturn: 8
        case .rolloutGroup: 9
        case .groupAck: 10
        case .manifestRequest: 11
        case .policyManifest: 12
        case .chunkRequest: 13
        case .policyChunk: 14
        case .groupsAccepted: 15
        case .stepReport: 16
        case .controlRequest: 17
        case .controlReply: 18
        case .statusReply: 19
        }
    }

    mutating func message(kind: Int) -> Message {
        switch kind {
        case 0:
            .hello(self.hello())
        case 1: .welcome(Welcome(run: self.run(), epoch: Epoch(self.counter())))
        case 2: .refusal(Refusal(code: self.any(Refusal.Code.allCases), reason: self.text()))
        case 3: .heartbeat(self.heartbeat())
        case 4:
            .heartbeatReply(self.heartbeatReply())
        case 5: .goodbye(Goodbye(reason: self.text(), failed: self.flip()))
        case 6: .leaseOffer(LeaseOffer(lease: self.lease()))
        case 7: .leaseAccept(LeaseAccept(lease: self.held()))
        case 8:
            .leaseReturn(
                LeaseReturn(
                    lease: self.held(), outcome: self.any(LeaseReturn.Outcome.allCases), reason: self.text(),
                    samples: self.list {
                        EvaluatedSample(
                            greedy: $0.flip(), verdict: $0.verdict(), tokens: $0.count(), text: $0.text())
                    }))
        case 9:
            .rolloutGroup(self.rolloutGroup())
        case 10:
            .groupAck(
                GroupAck(lease: self.held(), status: self.any(GroupAck.Status.allCases), reason: self.text()))
        case 11: .manifestRequest(ManifestRequest(version: PolicyVersion(self.counter()), have: self.heldPolicy()))
        case 12: .policyManifest(self.manifest())
        case 13:
            .chunkRequest(
                ChunkRequest(version: PolicyVersion(self.counter()), index: self.count(), delta: self.delta()))
        case 14:
            .policyChunk(
                PolicyChunk(version: PolicyVersion(self.counter()), index: self.count(), delta: self.delta()))
        case 15: .groupsAccepted(self.accepted())
        case 16: .stepReport(self.report())
        case 17:
            .controlRequest(
                ControlRequest(
                    verb: self.any(ControlRequest.Verb.allCases), runName: self.name(),
                    sinceStep: GlobalStep(self.counter()),
                    samples: self.count(), request: self.counter()))
        case 18: .controlReply(ControlReply(accepted: self.flip(), message: self.text()))
        default: .statusReply(self.status())
        }
    }

    private mutating func accepted() -> GroupsAccepted {
        let step = GlobalStep(self.counter())
        return GroupsAccepted(
            step: step, slots: self.list { $0.count() }, slotCount: self.count(),
            discarded: self.list { $0.discarded(of: step) },
            nextStep: self.flip() && step.rawValue > 0 ? step : nil)
    }

    private mutating func discarded(of step: GlobalStep) -> DiscardedGroup {
        let lease = LeaseID(group: GroupID(step: step, slot: self.count()), attempt: self.count() + 1)
        return DiscardedGroup(lease: lease, sender: self.node(), reason: self.text())
    }

    private mutating func status() -> StatusReply {
        StatusReply(
            run: self.run(), name: self.text(), phase: self.any(StatusReply.Phase.allCases),
            step: GlobalStep(self.counter()), totalSteps: self.counter(), waitingFor: self.text(),
            waitingMilliseconds: self.counter(), groupsAccepted: self.count(), groupsPerStep: self.count(),
            elapsedMilliseconds: self.counter(),
            members: self.list {
                MemberStatus(
                    node: $0.node(), role: $0.any(Role.allCases), health: $0.any(Health.allCases),
                    process: $0.name(), epoch: Epoch($0.counter()), silentMilliseconds: $0.counter(),
                    heartbeat: $0.heartbeat())
            },
            steps: self.list { $0.report() },
            evaluations: self.list {
                EvaluationReport(
                    version: PolicyVersion($0.counter()), problems: $0.count(), samples: $0.count(),
                    values: $0.metrics(),
                    request: $0.counter())
            },
            counters: self.counters(), troubles: self.list { $0.text() })
    }

    private mutating func heartbeat() -> Heartbeat {
        Heartbeat(
            activity: self.any(Heartbeat.Activity.allCases), isWaiting: self.flip(), waitingFor: self.text(),
            waitingMilliseconds: self.counter(),
            progress: self.counter(), tokens: self.counter(), tokensPerSecond: self.real(),
            policyVersion: PolicyVersion(self.counter()), credit: self.count(), leases: self.list { $0.held() },
            residentBytes: self.counter(), draining: self.flip(), counters: self.counters(), complaint: self.text(),
            passes: self.counter(), passMilliseconds: self.counter())
    }

    private mutating func rolloutGroup() -> RolloutGroup {
        let version = PolicyVersion(self.counter() / 2)
        return RolloutGroup(
            id: self.group(), attempt: self.count() + 1, policyVersion: version, problem: self.count(),
            promptTokens: self.list(atLeast: 1) { $0.token() },
            rollouts: self.list(atLeast: 1) { $0.rollout(of: version) })
    }

    private mutating func rollout(of version: PolicyVersion) -> Rollout {
        var rollout = Rollout(
            trace: self.trace(), finish: self.any(FinishReason.allCases), verdict: self.verdict())
        var newest = version
        for token in 0..<rollout.trace.count {
            if self.generator.below(8) == 0 { newest = PolicyVersion(newest.rawValue + 1) }
            rollout.runs.append(newest, after: token, group: version)
        }
        return rollout
    }

    private mutating func trace() -> TokenTrace {
        let tokens = (0...self.generator.below(40)).map { _ in self.token() }
        var trace = TokenTrace(tokens: tokens)
        for column in TokenTrace.Column.allCases where column.absent == nil || self.flip() {
            trace[column] = tokens.map { _ in
                let number = self.real()
                return [number, -number].first(where: column.domain.contains) ?? column.domain.lowerBound
            }
        }
        return trace
    }

    private mutating func verdict() -> Verdict? {
        guard self.flip() else { return nil }
        let rewards = [self.real(), self.real()].sorted()
        return Verdict(reward: rewards[1], strictReward: rewards[0], prediction: self.text())
    }

    private mutating func heldPolicy() -> HeldPolicy? {
        self.generator.below(2) == 0
            ? nil : HeldPolicy(version: PolicyVersion(self.counter()), rootHash: self.bytes(32))
    }

    private mutating func delta() -> PolicyVersion? {
        self.generator.below(2) == 0 ? nil : PolicyVersion(1 + UInt64(self.generator.below(1000)))
    }

    private mutating func manifest() -> PolicyManifest {
        let size = UInt32(1 + self.generator.below(PolicyManifest.maximumChunkBytes))
        let chunks = 1 + self.generator.below(5)
        let total = UInt64(size) * UInt64(chunks - 1) + UInt64(1 + self.generator.below(Int(size)))
        return PolicyManifest(
            version: PolicyVersion(self.counter()), precision: self.any(Precision.allCases), totalBytes: total,
            chunkBytes: size, chunkHashes: (0..<chunks).map { _ in self.bytes(32) }, rootHash: self.bytes(32),
            deltas: (0..<self.generator.below(3)).compactMap { _ in
                self.heldPolicy().map {
                    PolicyDelta(
                        base: $0, totalBytes: 1 + UInt64(self.generator.below(PolicyManifest.maximumChunkBytes)),
                        pieceHashes: [self.bytes(32)])
                }
            })
    }

    private mutating func report() -> StepReport {
        let step = GlobalStep(self.counter() >> 1)
        return StepReport(
            step: step, version: PolicyVersion(step.rawValue + 1), rootHash: self.bytes(32),
            metrics: self.metrics())
    }

    private mutating func metrics() -> MetricValues {
        MetricValues(self.list { (MetricKey(name: $0.name()), Double($0.real()) * 1e100) })
    }
    private mutating func counters() -> MetricCounters {
        MetricCounters(self.list { (MetricKey(name: $0.name()), $0.counter()) })
    }
    private mutating func held() -> LeaseID { LeaseID(group: self.group(), attempt: self.count() + 1) }

    private mutating func hello() -> Hello {
        let step = self.counter() >> 1
        return Hello(
            role: self.any(Role.allCases), nonce: self.bytes(16), configurationHash: self.bytes(32),
            nextStep: GlobalStep(step), acceptedSlots: self.list { $0.count() }, slotCount: self.count(),
            host: self.name(), processID: self.count(),
            contents: self.flip() ? [] : [SharedContent(name: self.name(), hash: self.bytes(32))],
            settings: self.text(),
            laterSteps: self.list { $0.count() }.enumerated().map { place, slot in
                GroupsAccepted(step: GlobalStep(step + 1 + UInt64(place)), slots: [slot], slotCount: slot)
            })
    }

    private mutating func heartbeatReply() -> HeartbeatReply {
        let step = self.counter() >> 1
        return HeartbeatReply(
            step: GlobalStep(step), stop: self.flip(), policyVersion: PolicyVersion(self.counter()),
            windowEnd: GlobalStep(step + UInt64(self.count())), finished: self.list { $0.held() })
    }

    private mutating func lease() -> Lease {
        let group = self.group()
        return Lease(
            group: group, attempt: self.count() + 1,
            oldestVersion: PolicyVersion(self.counter() % (group.step.startVersion.rawValue + 1)),
            problem: Problem(
                index: self.count(), prompt: self.text(), answer: self.text(), source: self.name(),
                metadata: self.text()),
            samples: self.count() + 1, seed: self.generator.next(), duration: .nanoseconds(Int64(self.counter() >> 3)))
    }

    private mutating func group() -> GroupID {
        GroupID(purpose: self.any(Purpose.allCases), step: GlobalStep(self.counter()), slot: self.count())
    }

    private mutating func run() -> RunID { RunID(bytes: self.bytes(16))! }
    private mutating func node() -> NodeID { NodeID("n" + self.name()) }
    private mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(self.generator.below(256)) }
    }
    private mutating func flip() -> Bool { Bool.random(using: &self.generator) }
    private mutating func token() -> TokenID { UInt32(truncatingIfNeeded: self.generator.next()) }

    /// All magnitudes are equally likely, so that varints of every length occur.
    private mutating func counter() -> UInt64 {
        (self.generator.next() >> UInt64(11 + self.generator.below(53))).clamped(to: 0...(1 << 53 - 2))
    }

    private mutating func count() -> UInt32 {
        UInt32(self.generator.next() >> UInt64(33 + self.generator.below(31))).clamped(to: 0...(1 << 31 - 2))
    }

    private mutating func real() -> Float {
        let value = Float(bitPattern: UInt32(truncatingIfNeeded: self.generator.next()))
        return value.isFinite ? value : 0
    }

    private mutating func name() -> String { self.any(["", "worker-2", "grün", "数学", "a b", "x/y:z"]) }

    private mutating func text() -> String {
        self.any(["", "plain", "two\nlines", "nul \0 inside", "emoji \u{1F984}", String(repeating: "long ", count: 60)])
    }

    private mutating func any<T>(_ choices: [T]) -> T { choices[self.generator.below(choices.count)] }

    private mutating func list<T>(atLeast minimum: Int = 0, _ element: (inout Self) -> T) -> [T] {
        let length = minimum + self.generator.below(5)
        return (0..<length).map { _ in element(&self) }
    }
}

extension Comparable {
    func clamped(to range: ClosedRange<Self>) -> Self { min(max(self, range.lowerBound), range.upperBound) }
}
