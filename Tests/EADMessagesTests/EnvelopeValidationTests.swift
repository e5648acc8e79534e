import EADCore
import EADMessages
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
        envelope.wireVersion = 2
        // A later version may have changed any other field: a body of the wrong wire type must not matter.
        let error = try self.error(EnvelopeCodec.encode(envelope) + [0x80, 0x01, 0x05])
        #expect(error.reason == .unsupportedWireVersion(2))
        #expect(error.sender == NodeID("worker-1"))
        #expect(error.number == 41)
    }

    @Test func anEmptyMessageHasNoWireVersion() throws {
        #expect(try self.error([]).reason == .unsupportedWireVersion(0))
    }

    @Test func anEnvelopeWithoutABodyCanBeAnswered() throws {
        let error = try self.error([0x08, 1, 0x1A, 2, 0x61, 0x62, 0x28, 9])
        #expect(error == DecodeError(.missing, at: "body", sender: NodeID("ab"), number: 9))
    }

    @Test func aBodyFromTheFutureIsMissing() throws {
        // Field 2047 as the body of some later minor version.
        let error = try self.error([0x08, 1, 0x1A, 1, 0x61, 0x28, 9, 0xFA, 0x7F, 0])
        #expect(error.reason == .missing)
        #expect(error.path == "body")
    }

    @Test func tooLongAnEnvelopeIsNotLookedAt() throws {
        let error = try self.error([UInt8](repeating: 0xFF, count: EnvelopeCodec.maximumBytes + 1))
        #expect(error.reason == .tooLong(bytes: EnvelopeCodec.maximumBytes + 1, limit: EnvelopeCodec.maximumBytes))
    }

    @Test(arguments: ["", "tab\tbed", "nul\0", String(repeating: "x", count: 256)])
    func aSenderMustBeAName(name: String) throws {
        var envelope = GoldenEnvelopes.envelope(.goodbye(Goodbye(reason: "")))
        envelope.sender = NodeID(name)
        let error = try self.error(EnvelopeCodec.encode(envelope))
        #expect(error == DecodeError(.invalidText, at: "sender", sender: nil, number: 41))
    }

    @Test func textMustBeUTF8() throws {
        let error = try self.error([0x08, 1, 0x1A, 1, 0x61, 0x28, 9, 0xAA, 1, 3, 0x0A, 1, 0xC3])
        #expect(error.reason == .invalidText)
        #expect(error.path == "goodbye.reason")
    }

    @Test func anUnknownEnumerationValueIsRefused() throws {
        // refusal { code: 99 }
        let error = try self.error([0x08, 1, 0x1A, 1, 0x61, 0x28, 9, 0x92, 1, 2, 0x08, 99])
        #expect(error.reason == .unknownValue(99))
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

    @Test(arguments: 0..<5) func theArraysOfARolloutAgree(array: Int) throws {
        var group = GoldenEnvelopes.group
        switch array {
        case 0: group.rollouts[1].temperatures.append(1)
        case 1: group.rollouts[1].behaviourLogProbs.append(1)
        case 2: group.rollouts[1].policyLogProbs = []
        case 3: group.rollouts[1].policyEntropies.append(1)
        default: group.rollouts[1].behaviourEntropies.append(1)
        }
        let error = try self.error(.rolloutGroup(group))
        #expect(error.reason == .wrongLength(found: array == 2 ? 0 : 2, expected: 1...1))
        #expect(error.path.hasPrefix("rolloutGroup.rollouts[1]."))
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity]) func everyNumberIsFinite(value: Float) throws {
        var group = GoldenEnvelopes.group
        group.rollouts[0].policyLogProbs[2] = value
        let error = try self.error(.rolloutGroup(group))
        #expect(error.reason == .notFinite)
        #expect(error.path == "rolloutGroup.rollouts[0].policyLogProbs[2]")

        var report = GoldenEnvelopes.report
        report.metrics[1].value = Double(value)
        #expect(try self.error(.stepReport(report)).path == "stepReport.metrics[1].value")
    }

    @Test func aTemperatureIsNotNegative() throws {
        var group = GoldenEnvelopes.group
        group.rollouts[0].temperatures[1] = -0.5
        let error = try self.error(.rolloutGroup(group))
        #expect(error.reason == .negative)
        #expect(error.path == "rolloutGroup.rollouts[0].temperatures[1]")
    }

    @Test func aRolloutSaysWhetherItHasAScore() throws {
        // The last field of the last rollout, which ends the group: scoring, here "unscored".
        var bytes = EnvelopeCodec.encode(GoldenEnvelopes.envelope(.rolloutGroup(GoldenEnvelopes.group)))
        #expect(bytes.suffix(2) == [9 << 3, 2])
        for value in [UInt8(0), 3] {
            bytes[bytes.count - 1] = value
            let error = try self.error(bytes)
            #expect(error.reason == .unknownValue(UInt32(value)))
            #expect(error.path == "rolloutGroup.rollouts[1].scoring")
        }
    }

    @Test func whatHasNoScoreHasNoReward() throws {
        var group = GoldenEnvelopes.group
        group.rollouts[1].reward = 0.5
        #expect(try self.error(.rolloutGroup(group)).path == "rolloutGroup.rollouts[1].reward")
        var returned = GoldenEnvelopes.returned
        returned.samples[0].isScored = false
        let error = try self.error(.leaseReturn(returned))
        #expect(error.reason == .contradiction)
        #expect(error.path == "leaseReturn.samples[0].reward")
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
        group.rollouts[0] = Rollout(
            tokens: [], temperatures: [], behaviourLogProbs: [], policyLogProbs: [], policyEntropies: [],
            behaviourEntropies: [], finish: .length, reward: 0)
        #expect(try self.error(.rolloutGroup(group)).path == "rolloutGroup.rollouts[0].tokens")
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

    @Test func anErrorReadsAsASentence() throws {
        var group = GoldenEnvelopes.group
        group.attempt = 0
        #expect(
            try self.error(.rolloutGroup(group)).description
                == "rolloutGroup.attempt from worker-1: 0 is not within 1 to 2147483647")
    }
}
