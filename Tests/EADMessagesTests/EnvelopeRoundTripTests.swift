import EADCore
import EADMessages
import Testing

@Suite struct EnvelopeRoundTripTests {
    @Test(arguments: 0..<RandomEnvelopes.kinds)
    func whatIsEncodedDecodesToItself(kind: Int) throws {
        var random = RandomEnvelopes(seed: 0xEAD0 + UInt64(kind))
        for _ in 0..<100 {
            let envelope = random.next(kind: kind)
            #expect(RandomEnvelopes.caseIndex(envelope.message) == kind)
            #expect(try EnvelopeCodec.decode(EnvelopeCodec.encode(envelope)) == envelope)
        }
    }

    @Test func aLargeGroupDecodesWithinItsMemory() throws {
        let length = 4096
        let rollout = Rollout(
            tokens: Array(repeating: 7, count: length), temperatures: Array(repeating: 1.5, count: length),
            behaviourLogProbs: Array(repeating: -1, count: length),
            policyLogProbs: Array(repeating: -2, count: length),
            policyEntropies: Array(repeating: 2.5, count: length),
            behaviourEntropies: Array(repeating: 3, count: length), finish: .length, reward: 0)
        var group = GoldenEnvelopes.group
        group.rollouts = Array(repeating: rollout, count: 36)
        let bytes = EnvelopeCodec.encode(GoldenEnvelopes.envelope(.rolloutGroup(group)))
        #expect(bytes.count > 3 << 20)
        #expect(try EnvelopeCodec.decode(bytes).message == .rolloutGroup(group))
    }

    @Test func manySmallLeasesDecodeWithinTheirMemory() throws {
        var heartbeat = GoldenEnvelopes.heartbeat
        heartbeat.leases = (0..<5000).map {
            LeaseID(group: GroupID(step: GlobalStep(1), slot: UInt32($0)), attempt: 1)
        }
        let envelope = GoldenEnvelopes.envelope(.heartbeat(heartbeat))
        #expect(try EnvelopeCodec.decode(EnvelopeCodec.encode(envelope)) == envelope)
    }
}
