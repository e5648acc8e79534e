import EADController
import EADCore
import EADMessages
import EADProtocol
import EADTelemetry
import EADTestKit
import Testing

@Suite struct LeasingTests {
    typealias Bench = ControllerHarness

    /// A learner and two workers with so much credit each.
    private func bench(credit a: UInt32, _ b: UInt32, maximumAttempts: Int = 3) -> Bench {
        var bench = Bench(maximumAttempts: maximumAttempts)
        bench.hello(Bench.a)
        bench.hello(Bench.b)
        bench.beat(Bench.a, credit: a)
        bench.beat(Bench.b, credit: b)
        bench.learnerJoins()
        return bench
    }

    @Test func nothingIsOfferedBeforeTheLearnerIsThere() {
        var bench = Bench()
        bench.hello(Bench.a)
        #expect(bench.beat(Bench.a, credit: 3).offers().isEmpty)
        #expect(bench.learnerJoins().offers().count == 3)
    }

    @Test func aLeaseSaysEverythingThatDeterminesItsSamples() throws {
        let bench = self.bench(credit: 3, 0)
        let lease = try #require(bench.effects.offers().first)
        // The order of the bench is backwards: step 0 begins with problem 5.
        #expect(lease.group == GroupID(step: GlobalStep(0), slot: 0) && lease.problem.index == 5)
        #expect(lease.attempt == 1 && lease.oldestVersion == PolicyVersion(0))
        #expect(lease.samples == 2 && lease.seed == 5 && lease.duration == .seconds(20))
    }

    @Test func nobodyIsOfferedMoreThanItsCredit() {
        let bench = self.bench(credit: 1, 1)
        #expect(bench.effects.offers(to: "worker-a").count == 1)
        #expect(bench.effects.offers(to: "worker-b").count == 1)
    }

    @Test func workersAreFilledInProportionToTheirCredit() {
        let even = self.bench(credit: 3, 3)
        #expect(even.effects.offers(to: "worker-a").map(\.group.slot) == [0, 2])
        #expect(even.effects.offers(to: "worker-b").map(\.group.slot) == [1])
        let uneven = self.bench(credit: 1, 8)
        #expect(uneven.effects.offers(to: "worker-a").count == 1)
        #expect(uneven.effects.offers(to: "worker-b").count == 2)
    }

    @Test func aDrainingOrStalledWorkerIsOfferedNothing() {
        var bench = Bench()
        bench.learnerJoins()
        bench.hello(Bench.a)
        #expect(bench.beat(Bench.a, credit: 3, draining: true).offers().isEmpty)
        let held = LeaseID(group: GroupID(step: GlobalStep(0), slot: 0), attempt: 1)
        for _ in 0..<12 {
            bench.now += .seconds(1)
            bench.beat(Bench.a, credit: 1, leases: [held], progress: 1)
        }
        bench.effects = []
        #expect(bench.beat(Bench.a, credit: 3, leases: [held], progress: 1).offers().isEmpty)
    }

    @Test func anOfferNobodyTakesUpIsMadeAgainUnderTheNextAttempt() {
        var bench = self.bench(credit: 3, 0)
        bench.accept(Array(bench.effects.offers().prefix(2)), by: Bench.a)
        bench.effects = []
        bench.now += .seconds(3)
        bench.tick()
        #expect(bench.effects.offers().map(\.group.slot) == [2])
        #expect(bench.effects.offers().map(\.attempt) == [2])
        #expect(bench.status.counters[\.leasesRepeated] == 1)
    }

    @Test func theGroupsOfADeadWorkerGoToTheOthersAtOnce() {
        var bench = self.bench(credit: 3, 3)
        let mine = bench.effects.offers(to: "worker-a")
        let others = bench.effects.offers(to: "worker-b")
        bench.accept(mine, by: Bench.a)
        bench.accept(others, by: Bench.b)
        bench.effects = []
        for _ in 0..<6 {
            bench.now += .seconds(1)
            bench.beat(Bench.b, credit: 3, leases: others.map(\.held))
            bench.beat(Bench.learner)
            bench.tick()
        }
        #expect(Set(bench.effects.offers(to: "worker-b").map(\.group)) == Set(mine.map(\.group)))
    }

    @Test func aDeclinedGroupIsOfferedAgainAndAFailedOneCounted() {
        var bench = self.bench(credit: 1, 0)
        let lease = bench.effects.offers()[0]
        let declined = bench.giveBack(lease, by: Bench.a, .declined)
        // The slots never offered come first.
        #expect(declined.offers().map(\.group.slot) == [1])
        let failed = bench.giveBack(declined.offers()[0], by: Bench.a, .failed, reason: "too long")
        #expect(failed.contains(.tellOperator(.warning, "worker-a could not produce group 1 of step 0: too long")))
        #expect(failed.offers().map(\.group.slot) == [2])
    }

    @Test func aPoisonedGroupEndsTheRunAndIsNamed() {
        var bench = self.bench(credit: 3, 3, maximumAttempts: 2)
        let first = bench.giveBack(bench.effects.offers()[0], by: Bench.a, .failed, reason: "too long")
        let again = first.offers(to: "worker-b").filter { $0.group.slot == 0 }
        #expect(again.count == 1)
        let effects = bench.giveBack(again[0], by: Bench.b, .failed, reason: "too long")
        #expect(effects.last == .fail("group 0 of step 0 failed 2 times, at last: worker-b: too long"))
    }

    @Test func anAnswerToALeaseThatIsNotItsOwnChangesNothing() {
        var bench = self.bench(credit: 3, 0)
        let lease = bench.effects.offers()[0]
        let held = bench.status
        bench.giveBack(lease, by: Bench.b, .failed, reason: "mine")
        var stale = lease
        stale.attempt = 7
        bench.giveBack(stale, by: Bench.a, .declined)
        stale.group = GroupID(step: GlobalStep(9), slot: 0)
        bench.giveBack(stale, by: Bench.a, .failed)
        #expect(bench.status.groupsAccepted == held.groupsAccepted && bench.status.waitingFor == held.waitingFor)
    }

    @Test func leasesOfAnEarlierControllerAreTakenOverFromHeartbeats() {
        var bench = Bench()
        bench.learnerJoins()
        bench.hello(Bench.a)
        let held = LeaseID(group: GroupID(step: GlobalStep(0), slot: 1), attempt: 4)
        bench.beat(Bench.a, credit: 1, leases: [held])
        bench.hello(Bench.b)
        #expect(bench.beat(Bench.b, credit: 3).offers().map(\.group.slot) == [0, 2])
    }

    @Test func groupsTheLearnerHoldsAreNotLeased() {
        var bench = Bench()
        bench.hello(Bench.a)
        bench.beat(Bench.a, credit: 3)
        #expect(bench.learnerJoins(accepted: [0, 2, 77]).offers().map(\.group.slot) == [1])
        bench.send(.groupsAccepted(GroupsAccepted(step: GlobalStep(0), slots: [0, 1, 2])), from: Bench.learner)
        #expect(bench.status.groupsAccepted == 3)
    }

    // MARK: Replacements of filtered groups

    @Test func everyFilteredGroupIsReplacedByOneOfAnotherProblem() {
        var bench = Bench(maximumSlots: 12)
        bench.hello(Bench.a)
        bench.beat(Bench.a, credit: 20)
        // Step 0 of the bench has the problems 5, 4 and 3.
        #expect(bench.learnerJoins().offers().map(\.problem.index) == [5, 4, 3])
        let first = bench.accepted([1], of: 4).offers()
        #expect(first.map(\.group.slot) == [3] && first.map(\.problem.index) == [0] && first.map(\.seed) == [5])
        #expect(first.map(\.attempt) == [1] && first.map(\.oldestVersion) == [PolicyVersion(0)])
        #expect(bench.status.groupsAccepted == 1 && bench.status.groupsPerStep == 4)
        // Told again.
        #expect(bench.accepted([1], of: 4).offers().isEmpty)
        #expect(bench.accepted([1, 3], of: 5).offers().map(\.problem.index) == [1])
        // All problems are used: from here on they come again, under another seed.
        let again = bench.accepted([0, 1, 2, 3, 4], of: 8).offers()
        #expect(again.map(\.group.slot) == [5, 6, 7] && again.map(\.problem.index) == [2, 0, 1])
        #expect(again.map(\.seed) == [5, 6, 6])
        #expect(bench.status.counters[\.groupsReplaced] == 5)
        bench.accepted([0, 1, 2, 3, 4, 5, 6, 7], of: 8)
        #expect(bench.status.waitingFor == "the learner to train step 0")
        #expect(bench.report(0).offers().map(\.group.slot) == [0, 1, 2])
    }

    @Test func aLearnerThatComesBackBringsTheSlotsOfItsStep() {
        var bench = Bench(maximumSlots: 12)
        bench.hello(Bench.a)
        bench.beat(Bench.a, credit: 20)
        let offers = bench.learnerJoins(accepted: [0, 1, 2], of: 5).offers()
        #expect(offers.map(\.group.slot) == [3, 4] && offers.map(\.problem.index) == [0, 1])
        // The next life has lost what the first one had on disk.
        let after = bench.learnerJoins(accepted: [0], of: 3, nonce: 2).offers()
        #expect(after.map(\.group.slot) == [1, 2] && bench.status.groupsPerStep == 3)
        // Whoever was offered the fourth has it still.
        #expect(bench.accepted([0, 1], of: 4).offers().isEmpty && bench.status.groupsPerStep == 4)
    }

    @Test func moreSlotsThanAStepMayHaveAreRefused() {
        var bench = Bench(maximumSlots: 6)
        bench.learnerJoins()
        #expect(bench.accepted([0, 1, 2], of: 7).refusals() == [.invalid])
        #expect(bench.learnerJoins(of: 7, nonce: 2).refusals() == [.invalid])
        #expect(bench.status.groupsPerStep == 3)
        #expect(bench.accepted([0, 1, 2], of: 6).refusals().isEmpty)
        #expect(bench.status.groupsPerStep == 6)
    }

    @Test func aWorkerCannotClaimThatGroupsAreSafe() {
        var bench = self.bench(credit: 3, 0)
        bench.send(.groupsAccepted(GroupsAccepted(step: GlobalStep(0), slots: [0, 1, 2])), from: Bench.a)
        bench.send(.stepReport(Bench.report(0)), from: Bench.a)
        #expect(bench.status.groupsAccepted == 0 && bench.status.step == GlobalStep(0))
    }
}
