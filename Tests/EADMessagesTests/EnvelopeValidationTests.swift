import EADCore
import EADMessages
import EADTestKit
import Testing

/// Each valid protobuf that is not a valid message is refused with the field that is wrong.
@Suite struct EnvelopeValidationTests {
    private func error(_ message: Message) throws -> DecodeError {
        try self.error(EnvelopeCodec.encode(GoldenEnvelopes.envelope(message)))
    }

    private func error(_ bytes: [UInt8]) throws -> DecodeError {
        try #require(throws: DecodeError.self) { try EnvelopeCodec.decode(bytes) }
    }

    @Test func anotherWireVersionIsNamedBeforeAnythingElse() throws {
        var envelope = GoldenEnvelopes.envelope(.goodbye(Goodbye(reason: "")))
        envelope.wireVersion = 1
        // A later version may have changed any other field: a body of the wrong wire type must not matter.
        let error = try self.error(EnvelopeCodec.encode(envelope) + [0x80, 0x01, 0x05])
        #expect(error.reason == .unsupportedWireVersion(1))
        #expect(error.sender == NodeID("worker-1"))
        #expect(error.number == 41)
    }

    @Test func anEmptyMessageHasNoWireVersion() throws {
        #expect(try self.error([]).reason == .unsupportedWireVersion(0))
    }

    @Test func anEnvelopeWithoutABodyCanBeAnswered() throws {
        let error = try self.error([0x08, 2, 0x1A, 2, 0x61, 0x62, 0x28, 9])
        #expect(error == DecodeError(.missing, at: "body", sender: NodeID("ab"), number: 9))
    }

    @Test func aBodyFromTheFutureIsMissing() throws {
        // Field 2047 as the body of some later minor version.
        let error = try self.error([0x08, 2, 0x1A, 1, 0x61, 0x28, 9, 0xFA, 0x7F, 0])
        #expect(error.reason == .missing)
        #expect(error.path == "body")
    }

    @Test func tooLongAnEnvelopeIsNotLookedAt() throws {
        let error = try self.error([UInt8](repeating: 0xFF, count: EnvelopeCodec.usualLimit + 1))
        #expect(error.reason == .tooLong(bytes: EnvelopeCodec.usualLimit + 1, limit: EnvelopeCodec.usualLimit))
    }

    @Test(arguments: ["", "tab\tbed", "nul\0", String(repeating: "x", count: 256)])
    func aSenderMustBeAName(name: String) throws {
        var envelope = GoldenEnvelopes.envelope(.goodbye(Goodbye(reason: "")))
        envelope.sender = NodeID(name)
        let error = try self.error(EnvelopeCodec.encode(envelope))
        #expect(error == DecodeError(.invalidText, at: "sender", sender: nil, number: 41))
    }

    @Test func textMustBeUTF8() throws {
        let error = try self.error([0x08, 2, 0x1A, 1, 0x61, 0x28, 9, 0xAA, 1, 3, 0x0A, 1, 0xC3])
        #expect(error.reason == .invalidText)
        #expect(error.path == "goodbye.reason")
    }

    @Test func anUnknownEnumerationValueIsRefused() throws {
        // refusal { code: 99 }
        let error = try self.error([0x08, 2, 0x1A, 1, 0x61, 0x28, 9, 0x92, 1, 2, 0x08, 99])
        #expect(error.reason == .unknownValue(99))
        // heartbeat { activity: 99 }, and one that says nothing of it
        let heartbeat = try self.error([0x08, 2, 0x1A, 1, 0x61, 0x28, 9, 0x9A, 1, 2, 0x60, 99])
        #expect(heartbeat.reason == .unknownValue(99) && heartbeat.path == "heartbeat.activity")
        #expect(try self.error([0x08, 2, 0x1A, 1, 0x61, 0x28, 9, 0x9A, 1, 0]).reason == .unknownValue(0))
        #expect(error.path == "refusal.code")
    }

    @Test func aHashMustHave32Bytes() throws {
        var report = GoldenEnvelopes.report
        report.rootHash.removeLast()
        let error = try self.error(.stepReport(report))
        #expect(error.reason == .wrongLength(found: 31, expected: 32...32))
        #expect(error.path == "stepReport.rootHash")
    }

    @Test func aStepPublishesTheVersionAfterIt() throws {
        var report = GoldenEnvelopes.report
        report.version = PolicyVersion(13)
        #expect(try self.error(.stepReport(report)).reason == .outOfRange(found: 13, expected: 12...12))
    }

    @Test func noLeaseDemandsAVersionThatItsStepHasYetToMake() throws {
        var lease = GoldenEnvelopes.lease
        lease.oldestVersion = lease.group.step.endVersion
        let error = try self.error(.leaseOffer(LeaseOffer(lease: lease)))
        #expect(error.reason == .outOfRange(found: 13, expected: 0...12))
        #expect(error.path == "leaseOffer.lease.oldestVersion")
    }

    @Test(arguments: TokenTrace.Column.allCases) func theColumnsOfATraceAgree(column: TokenTrace.Column) throws {
        for (change, found) in [(1, 4), (-1, 2), (-3, 0)] where found > 0 || column.absent == nil {
            var group = GoldenEnvelopes.filled
            var numbers = group.rollouts[1].trace[column]
            numbers = Array((numbers + numbers).prefix(numbers.count + change))
            group.rollouts[1].trace[column] = numbers
            let error = try self.error(.rolloutGroup(group))
            #expect(error.reason == .wrongLength(found: found, expected: 3...3))
            #expect(error.path == "rolloutGroup.rollouts[1].trace.\(column)")
        }
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity]) func everyNumberIsFinite(value: Float) throws {
        for column in TokenTrace.Column.allCases {
            var group = GoldenEnvelopes.filled
            group.rollouts[0].trace[column][2] = value
            let error = try self.error(.rolloutGroup(group))
            #expect(error.reason == .notFinite)
            #expect(error.path == "rolloutGroup.rollouts[0].trace.\(column)[2]")
        }
        var group = GoldenEnvelopes.group
        group.rollouts[0].verdict?.reward = value
        #expect(try self.error(.rolloutGroup(group)).path == "rolloutGroup.rollouts[0].verdict.reward")

        var report = GoldenEnvelopes.report
        report.metrics["reward_mean"] = Double(value)
        #expect(try self.error(.stepReport(report)).path == "stepReport.metrics[1].value")
    }

    @Test(arguments: TokenTrace.Column.allCases) func everyNumberIsInTheDomainOfItsColumn(
        column: TokenTrace.Column
    ) throws {
        let domain = column.domain
        for number in [domain.lowerBound.nextDown, domain.upperBound.nextUp] where number.isFinite {
            var group = GoldenEnvelopes.filled
            group.rollouts[0].trace[column][1] = number
            let error = try self.error(.rolloutGroup(group))
            #expect(error.reason == .outsideDomain)
            #expect(error.path == "rolloutGroup.rollouts[0].trace.\(column)[1]")
        }
    }

    @Test(arguments: TokenTrace.Column.allCases) func aColumnGoesByItsName(column: TokenTrace.Column) throws {
        let (bytes, name) = try self.filled(column)
        var renamed = bytes
        renamed.replaceSubrange(name, with: column.rawValue.uppercased().utf8)
        let error = try self.error(renamed)
        #expect(error.reason == .unknownName(column.rawValue.uppercased()))
        #expect(error.path.hasPrefix("rolloutGroup.rollouts[0].trace.columns[") && error.path.hasSuffix("].name"))
    }

    @Test(arguments: TokenTrace.Column.allCases) func onlyAColumnWithADefaultMayBeLeftOut(
        column: TokenTrace.Column
    ) throws {
        let (bytes, name) = try self.filled(column)
        // Before the name: field 2 of the trace and its length, field 1 of the column and its length.
        let tag = name.lowerBound - 4
        #expect(bytes[tag] == 2 << 3 | 2)
        var lacking = bytes
        lacking[tag] = 3 << 3 | 2
        if let absent = column.absent {
            guard case .rolloutGroup(let group) = try EnvelopeCodec.decode(lacking).message else {
                Issue.record("another message")
                return
            }
            #expect(group.rollouts[0].trace[column] == [absent, absent, absent])
        } else {
            let error = try self.error(lacking)
            #expect(error.reason == .missing && error.path == "rolloutGroup.rollouts[0].trace.\(column)")
        }
    }

    @Test func aColumnIsThereOnce() throws {
        var (bytes, name) = try self.filled(.policyLogProb)
        bytes.replaceSubrange(name, with: TokenTrace.Column.policyEntropy.rawValue.utf8)
        let error = try self.error(bytes)
        #expect(error.reason == .repeated && error.path == "rolloutGroup.rollouts[0].trace.policyEntropy")
    }

    /// A group with every column, and where the column's name is for the first time.
    private func filled(_ column: TokenTrace.Column) throws -> ([UInt8], Range<Int>) {
        let bytes = EnvelopeCodec.encode(GoldenEnvelopes.envelope(.rolloutGroup(GoldenEnvelopes.filled)))
        let name = Array(column.rawValue.utf8)
        let place = try #require(bytes.firstRange(of: [UInt8(name.count)] + name))
        return (bytes, place.lowerBound + 1..<place.upperBound)
    }

    @Test func aRolloutSaysWhyItEnded() throws {
        // The last rollout of the group ends it, and its reason ends it: it has no verdict.
        var bytes = EnvelopeCodec.encode(GoldenEnvelopes.envelope(.rolloutGroup(GoldenEnvelopes.group)))
        #expect(bytes.suffix(2) == [2 << 3, 3])
        for value in [UInt8(0), 4] {
            bytes[bytes.count - 1] = value
            let error = try self.error(bytes)
            #expect(error.reason == .unknownValue(UInt32(value)))
            #expect(error.path == "rolloutGroup.rollouts[1].finish")
        }
    }

    @Test func theRunsOfAResponseCoverItInOrder() throws {
        func error(_ change: (inout [VersionRuns.Run]) -> Void) throws -> DecodeError {
            var group = GoldenEnvelopes.mixed
            change(&group.rollouts[0].runs.runs)
            return try self.error(.rolloutGroup(group))
        }
        for change in [
            { $0[1].tokens = 2 }, { $0.removeLast() }, { $0[0].version = PolicyVersion(9) },
            { $0[1].version = PolicyVersion(10) }, { $0 = [VersionRuns.Run(PolicyVersion(10), tokens: 3)] },
        ] as [(inout [VersionRuns.Run]) -> Void] {
            let error = try error(change)
            #expect(error.reason == .contradiction && error.path == "rolloutGroup.rollouts[0].runs")
        }
        #expect(try error { $0[1].tokens = 0 }.path == "rolloutGroup.rollouts[0].runs[1].tokens")
        #expect(try error { $0[1].version = PolicyVersion(.max) }.path == "rolloutGroup.rollouts[0].runs[1].version")
    }

    @Test func aStrictRewardIsNotAboveTheReward() throws {
        var group = GoldenEnvelopes.group
        group.rollouts[0].verdict?.strictReward = 1.5
        #expect(try self.error(.rolloutGroup(group)).path == "rolloutGroup.rollouts[0].verdict.strictReward")
        var returned = GoldenEnvelopes.returned
        returned.samples[1].verdict?.strictReward = 0.5
        let error = try self.error(.leaseReturn(returned))
        #expect(error.reason == .contradiction)
        #expect(error.path == "leaseReturn.samples[1].verdict.strictReward")
    }

    @Test func attemptsCountFromOne() throws {
        var group = GoldenEnvelopes.group
        group.attempt = 0
        #expect(try self.error(.rolloutGroup(group)).path == "rolloutGroup.attempt")
        var held = GoldenEnvelopes.held
        held.attempt = 0
        #expect(try self.error(.leaseAccept(LeaseAccept(lease: held))).path == "leaseAccept.lease.attempt")
    }

    @Test func aGroupHasAPromptAndRollouts() throws {
        var group = GoldenEnvelopes.group
        group.promptTokens = []
        #expect(try self.error(.rolloutGroup(group)).path == "rolloutGroup.promptTokens")
        group = GoldenEnvelopes.group
        group.rollouts = []
        #expect(try self.error(.rolloutGroup(group)).path == "rolloutGroup.rollouts")
        group.rollouts = GoldenEnvelopes.group.rollouts
        group.rollouts[0].trace = TokenTrace()
        #expect(try self.error(.rolloutGroup(group)).path == "rolloutGroup.rollouts[0].trace.tokens")
    }

    @Test func chunksAreAtMostFourMebibytes() throws {
        var manifest = PolicyManifest(
            version: PolicyVersion(1), precision: .f32, totalBytes: 1 << 30, chunkBytes: (4 << 20) + 1,
            chunkHashes: [], rootHash: GoldenEnvelopes.digest)
        #expect(try self.error(.policyManifest(manifest)).path == "policyManifest.chunkBytes")
        manifest.chunkBytes = 4 << 20
        let error = try self.error(.policyManifest(manifest))
        #expect(error.reason == .wrongLength(found: 0, expected: 256...256))
        manifest.chunkBytes = 0
        #expect(try self.error(.policyManifest(manifest)).path == "policyManifest.chunkBytes")
        manifest.chunkBytes = 1
        manifest.totalBytes = .max
        #expect(try self.error(.policyManifest(manifest)).path == "policyManifest.totalBytes")
    }

    @Test func aHeartbeatHasABoundedNumberOfCounters() throws {
        var heartbeat = GoldenEnvelopes.heartbeat
        heartbeat.counters = MetricCounters((0...256).map { (MetricKey(name: "n\($0)"), 1) })
        let error = try self.error(.heartbeat(heartbeat))
        #expect(error.reason == .wrongLength(found: 257, expected: 0...256) && error.path == "heartbeat.counters")
    }

    @Test func aNameIsThereOnce() throws {
        // heartbeat { activity: IDLE, counters: { a: 1 }, counters: { a: 1 } }
        let counter: [UInt8] = [0x72, 5, 0x0A, 1, 0x61, 0x10, 1]
        let body: [UInt8] = [0x60, 2] + counter + counter
        let error = try self.error([0x08, 2, 0x1A, 1, 0x61, 0x28, 9, 0x9A, 1, UInt8(body.count)] + body)
        #expect(error.reason == .repeated && error.path == "heartbeat.counters[1].name")
    }

    @Test func countersLeaveRoomForArithmetic() throws {
        let error = try self.error(.manifestRequest(ManifestRequest(version: PolicyVersion(1 << 53))))
        #expect(error.reason == .outOfRange(found: 1 << 53, expected: 0...(1 << 53 - 1)))
        let slots = GroupsAccepted(step: GlobalStep(0), slots: [0, .max])
        #expect(try self.error(.groupsAccepted(slots)).path == "groupsAccepted.slots[1]")
    }

    @Test func aNonceHas16Bytes() throws {
        let hello = Hello(
            role: .worker, nonce: [1], configurationHash: GoldenEnvelopes.digest,
            nextStep: GlobalStep(0), acceptedSlots: [], host: "h", processID: 1)
        #expect(try self.error(.hello(hello)).path == "hello.nonce")
    }

    @Test(arguments: [[3], [5, 4], [5, 5]]) func laterStepsFollowTheNextOneInOrder(steps: [UInt64]) throws {
        let hello = Hello(
            role: .learner, nonce: GoldenEnvelopes.run.bytes, configurationHash: GoldenEnvelopes.digest,
            nextStep: GlobalStep(4), acceptedSlots: [], host: "h", processID: 1,
            laterSteps: steps.map { GroupsAccepted(step: GlobalStep($0), slots: []) })
        #expect(try self.error(.hello(hello)).path == "hello.laterSteps")
    }

    @Test func whatWasThrownOutIsOfTheStepThatIsTold() throws {
        for group in [
            GroupID(step: GlobalStep(3), slot: 0), GroupID(purpose: .evaluation, step: GlobalStep(4), slot: 0),
        ] {
            let discarded = DiscardedGroup(
                lease: LeaseID(group: group, attempt: 1), sender: NodeID("worker"), reason: "")
            let held = GroupsAccepted(step: GlobalStep(4), slots: [], discarded: [discarded])
            #expect(try self.error(.groupsAccepted(held)).path == "groupsAccepted.discarded")
        }
    }

    @Test func anErrorReadsAsASentence() throws {
        var group = GoldenEnvelopes.group
        group.attempt = 0
        #expect(
            try self.error(.rolloutGroup(group)).description
                == "rolloutGroup.attempt from worker-1: 0 is not within 1 to 2147483647")
    }
}
