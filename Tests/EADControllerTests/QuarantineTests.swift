import EADController
import EADCore
import EADMessages
import EADProtocol
import EADTestKit
import Testing

@Suite struct QuarantineTests {
    typealias Bench = ControllerHarness

    private func bench(credit a: UInt32, _ b: UInt32) -> Bench {
        var bench = Bench()
        bench.hello(Bench.a)
        bench.hello(Bench.b)
        bench.beat(Bench.a, credit: a)
        bench.beat(Bench.b, credit: b)
        bench.learnerJoins()
        return bench
    }

    /// Worker a fails whatever it is offered, in the moment it is; returns how often that was.
    private func failEverything(_ bench: inout Bench, until count: Int) -> Int {
        var failures = 0
        var offers = bench.effects.offers(to: "worker-a")
        while !offers.isEmpty, failures < count {
            offers += bench.giveBack(offers.removeFirst(), by: Bench.a, .failed, reason: "no memory")
                .offers(to: "worker-a")
            failures += 1
        }
        return failures
    }

    private func failure(_ effects: [Bench.State.Effect]) -> String? {
        for case .fail(let reason) in effects { return reason }
        return nil
    }

    @Test func aWorkerThatFailsEverythingEndsNoRunThatAnotherCanCarry() {
        var bench = self.bench(credit: 8, 8)
        let failures = self.failEverything(&bench, until: 1000)
        #expect(failures <= 3, "it is left alone after three failures")
        #expect(self.failure(bench.effects) == nil)
        // The other one gets every group.
        let offered = Set(bench.effects.offers(to: "worker-b").map(\.group.slot))
        #expect(offered == [0, 1, 2])
        for lease in bench.effects.offers(to: "worker-b") { bench.accept([lease], by: Bench.b) }
        bench.accepted([0, 1, 2], of: 3)
        #expect(self.failure(bench.effects) == nil)
        #expect((bench.status.counters["quarantines"] == 1) == (failures == 3))
    }

    @Test func theStatusSaysWhoIsKeptApartAndWhy() throws {
        var bench = self.bench(credit: 8, 0)
        // Two were given out again after the first two failures, before the third.
        #expect(self.failEverything(&bench, until: 1000) == 5)
        let row = try #require(bench.status.members.first { $0.node == Bench.a })
        #expect(row.heartbeat.waitingFor == "a lease in 1 s; it failed 3 times in a row: no memory")
        #expect(bench.status.counters["quarantines"] == 1)
    }

    @Test func afterItsPauseItIsGivenOneLeaseAtATimeUntilOneSucceeds() {
        var bench = self.bench(credit: 8, 0)
        _ = self.failEverything(&bench, until: 1000)
        bench.effects = []
        bench.pass(2)
        let probe = bench.effects.offers(to: "worker-a")
        #expect(probe.count == 1)
        bench.effects = []
        bench.giveBack(probe[0], by: Bench.a, .completed)
        bench.accepted([probe[0].group.slot], of: 3)
        #expect(bench.effects.offers(to: "worker-a").count == 2)
    }

    @Test func eachFurtherFailureDoublesThePause() {
        var bench = self.bench(credit: 8, 0)
        _ = self.failEverything(&bench, until: 1000)
        var pauses: [Int] = []
        for _ in 0..<2 {
            bench.effects = []
            var seconds = 0
            while bench.effects.offers(to: "worker-a").isEmpty, seconds < 100 {
                bench.pass(1, beating: [Bench.a: []])
                bench.beat(Bench.a, credit: 8)
                seconds += 1
            }
            pauses.append(seconds)
            let probe = bench.effects.offers(to: "worker-a")[0]
            bench.giveBack(probe, by: Bench.a, .failed, reason: "no memory")
        }
        #expect(pauses == [1, 2])
    }

    @Test func whenEverybodyOnlyFailsTheRunEndsAndGivesTheirReasons() {
        var bench = self.bench(credit: 1, 1)
        var end: String?
        for _ in 0..<400 where end == nil {
            bench.effects = []
            bench.now += .seconds(1)
            for node in [Bench.a, Bench.b] { bench.beat(node, credit: 1) }
            bench.tick()
            for node in [Bench.a, Bench.b] {
                for lease in bench.effects.offers(to: node.rawValue) {
                    bench.effects += bench.giveBack(lease, by: node, .failed, reason: "no memory")
                }
            }
            end = self.failure(bench.effects)
        }
        #expect(end?.contains("no memory") ?? false, "\(end ?? "it went on")")
    }

    @Test func anotherProcessUnderTheNameBeginsWithoutThePast() {
        var bench = self.bench(credit: 8, 0)
        _ = self.failEverything(&bench, until: 1000)
        bench.effects = []
        bench.hello(Bench.a, nonce: 2)
        bench.beat(Bench.a, credit: 8)
        #expect(bench.effects.offers(to: "worker-a").count == 3)
    }
}
