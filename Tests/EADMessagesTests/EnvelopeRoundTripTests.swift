import EADCore
import EADMessages
import EADTestKit
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
            trace: .filled(Array(repeating: 7, count: length)), finish: .length,
            verdict: Verdict(reward: 0, strictReward: 0))
        var group = GoldenEnvelopes.group
        group.rollouts = Array(
            repeating: rollout, count: (7 << 19) / (4 * length * (1 + TokenTrace.Column.allCases.count)))
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
