import EADConfiguration
import EADCore
import EADEngine
import EADMessages
import EADProtocol
import EADTelemetry
import EADWorker
import Testing

/// A worker whose groups go on with the next version as soon as it is there.
@Suite struct SwapInFlightTests {
    typealias Bench = WorkerHarness
    private let now = WorkerHarness.now

    private func state(at version: UInt64, credit: UInt32 = 4) -> WorkerState {
        Bench.state(at: version, credit: credit, swap: .keep)
    }

    private func installs(_ version: UInt64) -> WorkerEffect {
        .install(Bench.manifest(version, [UInt8(version)]))
    }

    @Test func theNextVersionTakesThePlaceOfTheOneThatGroupsAreSampledWith() {
        var state = self.state(at: 3)
        let (first, second) = (Bench.offer(6, 0, oldest: 2), Bench.offer(7, 0, oldest: 3))
        #expect(state.receive(first, now: self.now).last == Bench.generates(first, 3))
        #expect(Bench.arrive(4, &state) == [self.installs(4)])
        // Until it is there, no group can begin.
        #expect(state.receive(second, now: self.now) == [Bench.accepts(second)])
        #expect(
            state.installed(Bench.manifest(4, [4]), now: self.now)
                == [Bench.generates(second, 4), Bench.asksFor(5, have: 4)])
        #expect(state.counters[\.groupsSwapped] == 1)
        // A third one waits for nobody.
        _ = state.hear(of: PolicyVersion(5), now: self.now)
        #expect(Bench.arrive(5, &state) == [self.installs(5)])
        #expect(state.counters[\.groupsSwapped] == 3)
    }

    @Test func anEvaluationIsOfItsOwnVersionToItsEnd() {
        var state = self.state(at: 3)
        let offer = Bench.offer(3, 0, purpose: .evaluation)
        #expect(state.receive(offer, now: self.now).last == Bench.generates(offer, 3))
        #expect(Bench.arrive(4, &state).isEmpty)
        #expect(state.tick(now: self.now).isEmpty)
        let sampled = GeneratedGroup(id: offer.lease.group, version: PolicyVersion(3), samples: [])
        #expect(state.sampled(sampled, now: self.now).last == self.installs(4))
    }

    /// The learner lost a version that was here before the controller had heard of it.
    @Test func noGroupGoesOnWithAnOlderVersion() {
        var state = self.state(at: 2)
        #expect(Bench.arrive(3, &state) == [self.installs(3)])
        _ = state.installed(Bench.manifest(3, [3]), now: self.now)
        let (newer, older) = (Bench.offer(3, 0, oldest: 2), Bench.offer(2, 0, oldest: 1))
        #expect(state.receive(newer, now: self.now).last == Bench.generates(newer, 3))
        #expect(state.receive(older, now: self.now).last == Bench.asksFor(2, have: 3))
        #expect(Bench.arrive(2, &state).isEmpty)
        let sampled = GeneratedGroup(id: newer.lease.group, version: PolicyVersion(3), samples: [])
        #expect(state.sampled(sampled, now: self.now).last == self.installs(2))
    }

    @Test func whatALostPolicyHadAPartInIsGivenUp() {
        var state = self.state(at: 7)
        let (first, second) = (Bench.offer(9, 0, oldest: 5), Bench.offer(9, 1, oldest: 5))
        _ = state.receive(first, now: self.now)
        _ = state.hear(of: PolicyVersion(8), now: self.now)
        #expect(Bench.arrive(8, &state) == [self.installs(8)])
        _ = state.installed(Bench.manifest(8, [8]), now: self.now)
        _ = state.receive(second, now: self.now)
        // The learner lost version 8; the first group had begun with version 7, and went on.
        #expect(
            state.hear(of: PolicyVersion(7), now: self.now)
                == [.cancel(first.lease.group), .cancel(second.lease.group), Bench.asksFor(7, have: 8)])
    }
}
