import EADCore
import EADMessages
import EADProtocol
import Testing

@Suite struct TrainingWindowTests {
    typealias Bench = WorkHarness
    private let now = ContinuousClock.now

    private func places(_ leases: [Lease]) -> [String] { leases.map { "\($0.group.step)/\($0.group.slot)" } }

    @Test func aClosedWindowGivesOutNothing() {
        var window = Bench.window(0)
        #expect(!window.isOpen && window.offers(now: self.now).isEmpty)
        window.open(at: GlobalStep(0), holding: [])
        #expect(window.offers(now: self.now).count == 3)
        window.close(holding: [])
        #expect(!window.isOpen && window.offers(now: self.now).isEmpty)
    }

    @Test(arguments: [0, 1, 2] as [UInt64]) func theStepsThatTheBoundAllowsAreOpen(bound: UInt64) {
        var window = Bench.window(bound, totalSteps: 5)
        window.open(at: GlobalStep(0), holding: [])
        for step in UInt64(0)...5 {
            #expect(window.step == GlobalStep(step) && window.version == PolicyVersion(step))
            let open = (0..<UInt64(8)).filter { window.isOpen(GlobalStep($0)) }
            #expect(open == Array(step..<max(step, min(step + bound + 1, 5))))
            #expect(window.isFinished == (step == 5))
            window.move(to: GlobalStep(step + 1))
        }
    }

    @Test func groupsAreGivenOutInOrderOfStepAndSlotEachWithTheOldestVersionItsStepAllows() {
        var window = Bench.window(2, at: 3)
        window.open(at: GlobalStep(3), holding: [])
        let leases = window.offers(now: self.now)
        #expect(self.places(leases) == ["3/0", "3/1", "3/2", "4/0", "4/1", "4/2", "5/0", "5/1", "5/2"])
        #expect(leases.map(\.oldestVersion.rawValue) == [1, 1, 1, 2, 2, 2, 3, 3, 3])
        let prompts = leases.map(\.problem.index)
        #expect(prompts == (3...5).flatMap { Bench.order.problems(of: GlobalStep($0)) })
        #expect(leases.allSatisfy { $0.samples == 2 && $0.seed == 5 && $0.duration == .seconds(20) })
    }

    @Test func leasesOutliveAWindowThatIsClosed() {
        var window = WorkHarness.window(1)
        window.open(at: GlobalStep(0), holding: [])
        let now = ContinuousClock.now
        let leases = window.offers(5, now: now)
        window.complete(WorkHarness.held(1, [0]))
        // The report of step 0 is to come.
        window.close(holding: [WorkHarness.held(1, [0])])
        #expect(window.offers(now: now).isEmpty && window.leasedCount == 4)
        window.move(to: GlobalStep(1))
        window.reopen()
        #expect(window.holders.values.flatMap { $0 } == [leases[4].id])
        #expect(self.places(window.offers(now: now)) == ["1/2", "2/0", "2/1", "2/2"])
    }

    @Test func noStepBehindABarrierIsOpenedUntilItIsGone() {
        var window = WorkHarness.window(3)
        window.wait(at: GlobalStep(2))
        window.open(at: GlobalStep(0), holding: [])
        #expect(window.tables.map(\.step.rawValue) == [0, 1] && window.end == GlobalStep(2))
        window.move(to: GlobalStep(1))
        #expect(window.tables.map(\.step.rawValue) == [1])
        // The step that is trained next is always open.
        window.move(to: GlobalStep(2))
        #expect(window.tables.map(\.step.rawValue) == [2] && window.firstClosed == GlobalStep(3))
        window.wait(at: nil)
        #expect(window.tables.map(\.step.rawValue) == [2, 3, 4, 5] && window.end == GlobalStep(6))
    }

    @Test func synchronousTrainingAllowsTheVersionOfTheStepAlone() {
        var window = Bench.window(0, at: 3)
        window.open(at: GlobalStep(3), holding: [])
        #expect(window.offers(now: self.now).map(\.oldestVersion.rawValue) == [3, 3, 3])
    }

    @Test func aStepThatEndsTakesItsLeasesWithItAndTheOthersGoOn() {
        var window = Bench.window(1)
        window.open(at: GlobalStep(0), holding: [])
        let leases = window.offers(4, now: self.now)
        window.complete(Bench.held(0, [0, 1, 2]))
        window.move(to: GlobalStep(1))
        #expect(window.holders == [NodeID("a"): [leases[3].id]])
        #expect(self.places(window.offers(now: self.now)) == ["1/1", "1/2", "2/0", "2/1", "2/2"])
    }

    @Test func everyFilteredGroupIsReplacedInItsOwnStep() {
        var window = Bench.window(1)
        window.open(at: GlobalStep(0), holding: [])
        _ = window.offers(now: self.now)
        #expect(window.complete(Bench.held(1, [1], of: 4)).filtered == 1)
        // Told again.
        #expect(window.complete(Bench.held(1, [1], of: 4)).filtered == 0)
        let replacement = window.offers(now: self.now)
        #expect(self.places(replacement) == ["1/3"])
        let candidate = Bench.curriculum.replacements.candidates(of: GlobalStep(1), count: 1)[0]
        #expect(replacement.map(\.problem.index) == [candidate.problem] && replacement[0].seed == candidate.seed)
        // No step has more slots than it may have.
        #expect(window.complete(Bench.held(1, [1], of: 99)).filtered == 2 && window.tables[1].count == 6)
    }

    @Test func groupsOfAStepThatIsNotOpenAreNotTaken() {
        var window = Bench.window(1, at: 2)
        window.open(at: GlobalStep(2), holding: [])
        for step in [1, 4] as [UInt64] {
            window.complete(Bench.held(step, [0], of: 4))
            #expect(!window.covers(GroupID(step: GlobalStep(step), slot: 0)))
        }
        #expect(window.tables.map(\.completeCount) == [0, 0] && window.tables.map(\.count) == [3, 3])
    }

    @Test func aLearnerThatComesBackWithEverythingItHadFindsItsLeases() {
        var window = Bench.window(1)
        window.open(at: GlobalStep(0), holding: [])
        let leases = window.offers(now: self.now)
        window.complete(Bench.held(0, [0]))
        window.complete(Bench.held(1, [2]))
        window.open(at: GlobalStep(0), holding: [Bench.held(0, [0, 1]), Bench.held(1, [2])])
        #expect(window.holders == [NodeID("a"): [leases[2].id, leases[3].id, leases[4].id]])
        #expect(window.offers(now: self.now).isEmpty)
    }

    @Test func whatALearnerLostIsProducedAgainAndNothingElse() {
        var window = Bench.window(1)
        window.open(at: GlobalStep(0), holding: [])
        let leases = window.offers(now: self.now)
        window.complete(Bench.held(0, [0], of: 4))
        window.complete(Bench.held(1, [2]))
        // Of step 0 everything is there; of step 1 a group is lost.
        window.open(at: GlobalStep(0), holding: [Bench.held(0, [0, 2], of: 4)])
        #expect(window.holders == [NodeID("a"): [leases[1], leases[3], leases[4]].map(\.id)])
        #expect(self.places(window.offers(now: self.now)) == ["0/3", "1/2"])
    }

    /// A group that its filter refused is lost, and with it the reason for the slot that replaced it.
    @Test func aSlotThatALearnerHasYetToOpenIsGivenOutOnce() {
        var window = Bench.window(0)
        window.open(at: GlobalStep(0), holding: [])
        _ = window.offers(now: self.now)
        window.complete(Bench.held(0, [0, 1, 2], of: 5))
        let replacement = window.offers(1, now: self.now)
        window.open(at: GlobalStep(0), holding: [Bench.held(0, [0])])
        #expect(window.tables[0].count == 3 && window.tables[0].items.count == 3)
        #expect(window.holders == [NodeID("a"): replacement.map(\.id)])
        #expect(self.places(window.offers(now: self.now)) == ["0/1", "0/2"])
        // Refused once more.
        window.complete(Bench.held(0, [0, 1, 2], of: 5))
        #expect(self.places(window.offers(now: self.now)) == ["0/4"])
    }

    @Test func theRunGoesBackWithItsLearner() {
        var window = Bench.window(1, at: 5)
        window.open(at: GlobalStep(5), holding: [])
        _ = window.offers(now: self.now)
        window.open(at: GlobalStep(3), holding: [Bench.held(3, [1])])
        #expect(window.step == GlobalStep(3) && window.tables.map(\.step.rawValue) == [3, 4])
        #expect(self.places(window.offers(now: self.now)) == ["3/0", "3/2", "4/0", "4/1", "4/2"])
    }

    @Test func leasesOfAnEarlierControllerAreTakenOverInEveryOpenStep() {
        var window = Bench.window(1)
        window.open(at: GlobalStep(0), holding: [])
        let held = [(0, 1), (1, 0), (2, 0)].map { step, slot in
            LeaseID(group: GroupID(step: GlobalStep(step), slot: slot), attempt: 4)
        }
        window.renew(held, of: NodeID("b"), now: self.now)
        #expect(window.holders == [NodeID("b"): Array(held.prefix(2))])
        #expect(self.places(window.offers(now: self.now)) == ["0/0", "0/2", "1/1", "1/2"])
    }

    // MARK: Groups that are thrown out

    private func discarded(_ slot: UInt32, of node: String = "liar") -> DiscardedGroup {
        DiscardedGroup(
            lease: LeaseID(group: GroupID(step: GlobalStep(0), slot: slot), attempt: 1), sender: NodeID(node),
            reason: "because")
    }

    private func held(_ slots: [UInt32], without discarded: [DiscardedGroup]) -> GroupsAccepted {
        GroupsAccepted(step: GlobalStep(0), slots: slots, slotCount: 3, discarded: discarded)
    }

    /// A window of one step that is complete.
    private func complete() -> TrainingWindow {
        var window = Bench.window(0)
        window.open(at: GlobalStep(0), holding: [])
        window.complete(Bench.held(0, [0, 1, 2]))
        return window
    }

    @Test func theSlotOfAGroupThatIsThrownOutGoesToSomebodyElse() {
        var window = self.complete()
        #expect(window.complete(self.held([0, 2], without: [self.discarded(1)])).discarded == [self.discarded(1)])
        let able = [NodeID("liar"), NodeID("worker")] as Set
        #expect(window.offer(to: NodeID("liar"), among: able, now: self.now) == nil)
        #expect(window.offer(to: NodeID("worker"), among: able, now: self.now)?.group.slot == 1)
    }

    @Test func whatWasThrownOutCountsOnceHoweverOftenItIsTold() {
        var window = self.complete()
        let held = self.held([0, 2], without: [self.discarded(1)])
        window.complete(held)
        #expect(window.complete(held) == TrainingWindow.News())
        #expect(window.open(at: GlobalStep(0), holding: [held]) == TrainingWindow.News())
        // The next one in its place may be no better.
        let worse = self.held([0, 2], without: [self.discarded(1), self.discarded(1, of: "other")])
        #expect(window.complete(worse).discarded == [self.discarded(1, of: "other")])
    }

    @Test func anOldWordDoesNotBringAGroupBack() {
        var window = self.complete()
        window.complete(self.held([0, 2], without: [self.discarded(1)]))
        window.complete(Bench.held(0, [0, 1, 2]))
        #expect(!window.tables[0].isComplete)
        window.complete(self.held([0, 1, 2], without: [self.discarded(1)]))
        #expect(window.tables[0].isComplete)
    }

    /// A controller that was started again does not hold against anybody what an earlier one saw.
    @Test func aWindowBeginsWithoutBlameForWhatWasThrownOutBefore() {
        var window = Bench.window(0)
        let past = (0..<9).map { _ in self.discarded(1) }
        #expect(window.open(at: GlobalStep(0), holding: [self.held([0, 2], without: past)]) == TrainingWindow.News())
        #expect(window.offer(to: NodeID("liar"), among: [NodeID("liar")], now: self.now)?.group.slot == 1)
        window.complete(self.held([0, 1, 2], without: past))
        #expect(window.tables[0].isComplete)
    }

    /// Its disk is gone, and with it what it had thrown out.
    @Test func aLearnerWithoutItsPastIsBelieved() {
        var window = self.complete()
        window.complete(self.held([], without: (0..<3).map { self.discarded($0) }))
        window.open(at: GlobalStep(0), holding: [Bench.held(0, [])])
        window.complete(Bench.held(0, [0, 1, 2]))
        #expect(window.tables[0].isComplete)
    }
}
