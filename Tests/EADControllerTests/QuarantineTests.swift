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

    private var lease: Lease {
        Lease(
            group: GroupID(step: GlobalStep(2), slot: 0), attempt: 1, oldestVersion: PolicyVersion(2),
            problem: Problem(index: 0, prompt: "", answer: ""), samples: 2, seed: 5, duration: .seconds(20))
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
                for lease in bench.effects.offers(to: Peer(node)) {
                    bench.effects += bench.giveBack(lease, by: node, .failed, reason: "no memory")
                }
            }
            end = self.failure(bench.effects)
        }
        #expect(end?.contains("no memory") ?? false, "\(end ?? "it went on")")
    }

    /// Found by seed 15006 of the simulation: the healthy one had left first.
    @Test func whoOnlyFailsEndsNoRunThatIsFinished() {
        var bench = self.bench(credit: 1, 1)
        bench.accepted([0, 1, 2], of: 3)
        for step in 0..<3 as Range<UInt64> { bench.report(step) }
        #expect(bench.status.phase == .finished)
        bench.send(.goodbye(Goodbye(reason: "drained")), from: Bench.b)
        for _ in 0..<20 {
            bench.pass(60, beating: [Bench.a: []])
            bench.giveBack(self.lease, by: Bench.a, .failed, reason: "no memory")
        }
        #expect(self.failure(bench.effects) == nil)
    }

    @Test func whoOnlyFailsEndsNoRunWhileAnotherMayComeBack() {
        var bench = self.bench(credit: 1, 1)
        bench.pass(6, beating: [Bench.a: [], Bench.learner: []])
        #expect(bench.status.members.first { $0.node == Bench.b }?.health == .dead)
        func fail(for seconds: Int) {
            for _ in 0..<seconds {
                bench.effects = bench.effects.filter { if case .fail = $0 { true } else { false } }
                bench.pass(1, beating: [Bench.learner: []])
                bench.beat(Bench.a, credit: 1)
                for lease in bench.effects.offers(to: "worker-a") {
                    bench.giveBack(lease, by: Bench.a, .failed, reason: "no memory")
                }
            }
        }
        fail(for: 100)
        #expect(self.failure(bench.effects) == nil)
        // It has been waited for as long as anything is.
        fail(for: 60)
        #expect(self.failure(bench.effects)?.contains("no memory") ?? false)
    }

    @Test func anotherProcessUnderTheNameBeginsWithoutThePast() {
        var bench = self.bench(credit: 8, 0)
        _ = self.failEverything(&bench, until: 1000)
        bench.effects = []
        bench.hello(Bench.a, nonce: 2)
        bench.beat(Bench.a, credit: 8)
        #expect(bench.effects.offers(to: "worker-a").count == 3)
    }

    // MARK: Groups that are thrown out

    private func discarded(_ slot: UInt32, attempt: UInt32 = 1) -> DiscardedGroup {
        DiscardedGroup(
            lease: LeaseID(group: GroupID(step: GlobalStep(0), slot: slot), attempt: attempt), sender: Bench.a,
            reason: "other log-probabilities")
    }

    private func tell(_ bench: inout Bench, _ slots: [UInt32], without discarded: [DiscardedGroup]) {
        bench.send(
            .groupsAccepted(
                GroupsAccepted(step: GlobalStep(0), slots: slots, slotCount: 3, discarded: discarded)),
            from: Bench.learner)
    }

    /// Worker a has delivered all three groups of the step, and the learner throws out two of them.
    private func lied() -> Bench {
        var bench = self.bench(credit: 3, 0)
        for lease in bench.effects.offers(to: "worker-a") { bench.giveBack(lease, by: Bench.a, .completed) }
        bench.accepted([0, 1, 2], of: 3)
        bench.beat(Bench.b, credit: 3)
        bench.effects = []
        self.tell(&bench, [2], without: [self.discarded(0), self.discarded(1)])
        return bench
    }

    @Test func whatALiarSentIsSampledByAnotherAndTheStatusNamesTheLiar() {
        var bench = self.lied()
        #expect(bench.effects.events() == [.discarded(self.discarded(0)), .discarded(self.discarded(1))])
        #expect(bench.status.troubles == ["worker-a sent a group that cannot be trained on: other log-probabilities"])
        #expect(Set(bench.effects.offers(to: "worker-b").map(\.group.slot)) == [0, 1])
        #expect(bench.effects.offers(to: "worker-a").isEmpty)
        bench.effects = []
        self.tell(&bench, [2], without: [self.discarded(0), self.discarded(1)])
        #expect(bench.effects.events().isEmpty, "told again it is nothing new")
    }

    /// Else a liar would begin with a clean record at each step.
    @Test func toDeliverIsNoExcuseUntilAStepWasTrainedOnIt() {
        var bench = self.lied()
        // The other one's leases are its own now.
        bench.hello(Bench.b, nonce: 2)
        for lease in bench.effects.offers(to: "worker-a") { bench.giveBack(lease, by: Bench.a, .completed) }
        #expect(!bench.effects.offers(to: "worker-a").isEmpty)
        #expect(bench.status.troubles.count == 1)
        self.tell(&bench, [0, 1, 2], without: [self.discarded(0), self.discarded(1)])
        bench.report(0)
        #expect(bench.status.troubles == [])
    }

    @Test func aRunWhoseWorkersAllSendSuchGroupsEndsWithTheReason() {
        var bench = self.bench(credit: 3, 3)
        var discarded: [DiscardedGroup] = []
        var count = 0
        while self.failure(bench.effects) == nil, count < 400 {
            count += 1
            let before = discarded
            let offered = [Bench.a, Bench.b].map { ($0, bench.effects.offers(to: Peer($0))) }
            bench.effects = []
            for (node, leases) in offered {
                for lease in leases {
                    bench.giveBack(lease, by: node, .completed)
                    discarded.append(
                        DiscardedGroup(lease: lease.held, sender: node, reason: "other log-probabilities"))
                }
            }
            self.tell(&bench, offered.flatMap { $0.1.map(\.group.slot) }, without: before)
            self.tell(&bench, [], without: discarded)
            bench.now += .seconds(1)
            for node in [Bench.a, Bench.b] { bench.beat(node, credit: 3) }
            bench.tick()
        }
        let end = self.failure(bench.effects)
        #expect(end?.contains("other log-probabilities") ?? false, "\(end ?? "it went on")")
        #expect(count < 60, "\(count) s")
    }
}
