import EADController
import EADCore
import EADMessages
import EADProtocol
import EADTelemetry
import EADTestKit
import Testing

/// Groups of a slow worker, when another one has nothing to do.
@Suite struct SecondCopyTests {
    typealias Bench = ControllerHarness

    /// Worker a holds all three groups, and has shown how fast it is.
    private func bench(passesPerSecond: UInt64, bound: UInt64 = 0) -> (bench: Bench, leases: [Lease]) {
        var bench = Bench(bound: bound)
        bench.learnerJoins()
        bench.hello(Bench.a)
        bench.hello(Bench.b)
        let leases = bench.beat(Bench.a, credit: 20).offers(to: Peer(Bench.a))
        bench.accept(leases, by: Bench.a)
        bench.work(Bench.a, passesPerSecond: passesPerSecond, credit: 20, leases: leases.map(\.held))
        bench.work(Bench.b, passesPerSecond: 100)
        return (bench, leases)
    }

    @Test func anIdleWorkerTakesCopiesOfTheOldestGroupsOfOneAtMostHalfAsFast() {
        var (bench, leases) = self.bench(passesPerSecond: 25)
        let copies = bench.beat(Bench.b, credit: 2).offers()
        #expect(copies.map(\.group) == leases.prefix(2).map(\.group))
        #expect(copies.allSatisfy { $0.attempt == 2 })
        #expect(copies.map(\.seed) == leases.prefix(2).map(\.seed))
        #expect(bench.status.counters[\.copiesBegun] == 2 && bench.status.counters[\.leasesRepeated] == 0)
        #expect(bench.status.waitingFor == "groups of worker-a (3), worker-b (2)")
        // Nobody takes a third one.
        bench.accept(copies, by: Bench.b)
        #expect(bench.beat(Bench.b, credit: 3, leases: copies.map(\.held)).offers().map(\.group.slot) == [2])
        #expect(bench.beat(Bench.b, credit: 9, leases: copies.map(\.held)).offers().isEmpty)
    }

    @Test(arguments: [51, 100, 150] as [UInt64]) func workersThatAreAboutAsFastTakeNoCopies(passesPerSecond: UInt64) {
        var (bench, _) = self.bench(passesPerSecond: passesPerSecond)
        #expect(bench.beat(Bench.b, credit: 2).offers().isEmpty)
        #expect(bench.status.counters[\.copiesBegun] == 0)
    }

    @Test func whatIsFreeGoesBeforeCopies() {
        var (bench, leases) = self.bench(passesPerSecond: 25, bound: 1)
        #expect(leases.count == 6)
        bench.giveBack(leases[4], by: Bench.a, .declined)
        let offers = bench.beat(Bench.b, credit: 2).offers(to: Peer(Bench.b))
        // The slow one was offered it again, as it is the only one with room.
        #expect(offers.map(\.group) == leases.prefix(2).map(\.group))
    }

    @Test func theFirstResultCountsAndTheOtherHolderIsTold() {
        var (bench, leases) = self.bench(passesPerSecond: 25)
        let copies = bench.beat(Bench.b, credit: 3).offers()
        bench.accept(copies, by: Bench.b)
        // The copy of slot 0 is first, and the original of slot 1.
        bench.accepted([0, 1], of: 3)
        bench.giveBack(copies[0], by: Bench.b, .completed)
        bench.giveBack(leases[1], by: Bench.a, .completed)
        bench.giveBack(copies[1], by: Bench.b, .completed)
        #expect(bench.status.counters[\.copiesBegun] == 3 && bench.status.counters[\.copiesWon] == 1)
        let held = leases.map(\.held)
        #expect(bench.beat(Bench.a, credit: 20, leases: held).replies().map(\.finished) == [Array(held.prefix(2))])
        #expect(bench.status.waitingFor == "groups of worker-a (1), worker-b (1)")
    }

    @Test(arguments: [true, false]) func theGroupGoesOnWithWhoeverIsLeft(copyIsLeft: Bool) {
        var (bench, leases) = self.bench(passesPerSecond: 25)
        let copies = bench.beat(Bench.b, credit: 3).offers()
        bench.accept(copies, by: Bench.b)
        bench.effects = []
        let (left, held) = copyIsLeft ? (Bench.b, copies) : (Bench.a, leases)
        for _ in 0..<7 {
            bench.now += .seconds(1)
            bench.beat(left, credit: 3, leases: held.map(\.held))
            bench.beat(Bench.learner)
            bench.tick()
        }
        #expect(bench.effects.offers().isEmpty)
        #expect(bench.status.waitingFor == "groups of \(left) (3)")
    }

    @Test func aRestartedControllerGoesOnWithBothHolders() {
        var (bench, leases) = self.bench(passesPerSecond: 25)
        let copies = bench.beat(Bench.b, credit: 3).offers()
        var next = Bench(snapshot: bench.state.snapshot)
        next.learnerJoins()
        for node in [Bench.a, Bench.b] { next.hello(node, nonce: 2) }
        next.beat(Bench.b, credit: 3, leases: copies.map(\.held))
        next.beat(Bench.a, credit: 3, leases: leases.map(\.held))
        #expect(next.effects.offers().isEmpty)
        #expect(next.status.waitingFor == "groups of worker-a (3), worker-b (3)")
    }

    @Test func aProblemOfAnEvaluationIsCopiedAndAnsweredOnce() {
        var bench = Bench(plan: RunPlan(steps: 3, evaluatesBefore: true, evaluatesAfter: false))
        bench.learnerJoins()
        bench.hello(Bench.a)
        bench.hello(Bench.b)
        let leases = bench.beat(Bench.a, credit: 2).offers()
        bench.accept(leases, by: Bench.a)
        bench.work(Bench.a, passesPerSecond: 25, credit: 2, leases: leases.map(\.held))
        bench.work(Bench.b, passesPerSecond: 100)
        let copies = bench.beat(Bench.b, credit: 1).offers()
        #expect(copies.map(\.group) == [leases[0].group])
        let samples = (0..<3).map {
            EvaluatedSample(greedy: $0 == 2, verdict: Verdict(reward: 1, strictReward: 0), tokens: 1, text: "")
        }
        bench.giveBack(copies[0], by: Bench.b, .completed, samples: samples)
        let held = leases.map(\.held)
        #expect(bench.beat(Bench.a, credit: 2, leases: held).replies().map(\.finished) == [[held[0]]])
        #expect(bench.status.counters[\.copiesWon] == 1)
        bench.giveBack(leases[0], by: Bench.a, .completed, samples: samples)
        #expect(bench.status.groupsAccepted == 1)
    }
}
