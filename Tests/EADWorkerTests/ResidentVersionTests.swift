import EADConfiguration
import EADCore
import EADEngine
import EADMessages
import EADProtocol
import EADWorker
import Testing

/// A worker of a run with a staleness bound, which may have two policies at a time.
@Suite struct ResidentVersionTests {
    typealias Bench = WorkerHarness
    private let now = WorkerHarness.now

    /// A worker that has a version, which is the newest, and asks for the next.
    private func state(at version: UInt64, credit: UInt32 = 4) -> WorkerState {
        Bench.state(at: version, credit: credit, swap: .pinned)
    }

    private func installs(_ version: UInt64, keeping kept: [UInt64]) -> WorkerEffect {
        .perform(
            .install(Bench.manifest(version, [UInt8(version)]), keeping: Set(kept.map { PolicyVersion($0) })))
    }

    private func sampled(_ offer: LeaseOffer, _ version: UInt64) -> GeneratedGroup {
        GeneratedGroup(id: offer.lease.group, version: PolicyVersion(version), samples: [])
    }

    @Test func theNextVersionIsMirroredBeforeALeaseNeedsIt() {
        var state = self.state(at: 3)
        #expect(state.wait == .lease)
        #expect(Bench.arrive(4, &state) == [self.installs(4, keeping: [3])])
        #expect(
            state.installed(Bench.manifest(4, [4]), now: self.now) == [Bench.asksFor(5, have: 4)])
        #expect(state.installed == PolicyVersion(4))
    }

    @Test func aGroupBeginsWithTheNewestVersionAndGoesOnWithIt() {
        var state = self.state(at: 3)
        let (first, second) = (Bench.offer(4, 0, oldest: 2), Bench.offer(4, 1, oldest: 2))
        #expect(state.receive(first, now: self.now) == [Bench.accepts(first), Bench.generates(first, 3)])
        #expect(Bench.arrive(4, &state) == [self.installs(4, keeping: [3])])
        _ = state.installed(Bench.manifest(4, [4]), now: self.now)
        #expect(state.receive(second, now: self.now) == [Bench.accepts(second), Bench.generates(second, 4)])
    }

    @Test func aThirdVersionWaitsUntilNoGroupIsSampledWithOneOfTheTwo() {
        var state = self.state(at: 3)
        let (first, second, third) = (
            Bench.offer(5, 0, oldest: 2), Bench.offer(5, 1, oldest: 2), Bench.offer(5, 2, oldest: 2)
        )
        _ = state.receive(first, now: self.now)
        _ = Bench.arrive(4, &state)
        _ = state.installed(Bench.manifest(4, [4]), now: self.now)
        _ = state.receive(second, now: self.now)
        #expect(Bench.arrive(5, &state).isEmpty)
        // Those who come meanwhile begin with the newer of the two.
        #expect(state.receive(third, now: self.now).last == Bench.generates(third, 4))
        #expect(state.sampled(self.sampled(first, 3), now: self.now).last == self.installs(5, keeping: [4]))
    }

    @Test func aLeaseThatAllowsNeitherVersionWaitsForTheNewest() {
        var state = self.state(at: 3)
        let offer = Bench.offer(9, 0, oldest: 7)
        #expect(state.receive(offer, now: self.now) == [Bench.accepts(offer), Bench.asksFor(7, have: 3)])
        #expect(state.hear(of: PolicyVersion(8), now: self.now) == [Bench.asksFor(8, have: 3)])
        #expect(Bench.arrive(8, &state) == [self.installs(8, keeping: [3])])
        #expect(state.installed(Bench.manifest(8, [8]), now: self.now).first == Bench.generates(offer, 8))
    }

    @Test func aVersionThatIsGoneGivesWayToTheNewestWithoutAWarning() {
        var state = self.state(at: 3)
        _ = state.receive(Bench.manifest(4, [4]), now: self.now)
        #expect(state.hear(of: PolicyVersion(6), now: self.now).isEmpty)
        #expect(state.policyRefused("gone", now: self.now) == [Bench.asksFor(6, have: 3)])
    }

    @Test func whatWasOfAPolicyThatTheRunLostIsGivenUp() {
        var state = self.state(at: 8)
        let offer = Bench.offer(9, 0, oldest: 7)
        #expect(state.receive(offer, now: self.now).last == Bench.generates(offer, 8))
        #expect(
            state.hear(of: PolicyVersion(5), now: self.now)
                == [.cancel(offer.lease.group), Bench.asksFor(5, have: 8)])
        #expect(Bench.arrive(5, &state) == [self.installs(5, keeping: [])])
    }

    @Test func aWorkerWithOnePolicyAtATimeWaitsForALease() {
        var state = Bench.state()
        #expect(state.hear(of: PolicyVersion(3), now: self.now).isEmpty)
        #expect(state.tick(now: self.now + .seconds(100)).isEmpty)
    }
}
