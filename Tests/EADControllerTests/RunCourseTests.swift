import EADController
import EADCore
import EADMessages
import EADProtocol
import EADTelemetry
import EADTestKit
import Testing

@Suite struct RunCourseTests {
    typealias Bench = ControllerHarness

    @Test func aReportMovesTheRunOnceAndIsLoggedBeforeTheSnapshot() {
        var bench = Bench()
        bench.learnerJoins()
        let effects = bench.report(0)
        #expect(effects.events() == [.stepped(Bench.report(0))])
        guard case .record = effects[0], case .persist(let snapshot) = effects[1] else {
            Issue.record("\(effects)")
            return
        }
        #expect(snapshot.step == GlobalStep(1))
        #expect(bench.report(0).events().isEmpty)
        #expect(
            bench.beat(Bench.learner).replies() == [
                HeartbeatReply(step: GlobalStep(1), stop: false, windowEnd: GlobalStep(2))
            ])
    }

    @Test func theReportOfAStepSaysHowMuchOfItTheRolesWaited() {
        var bench = Bench()
        bench.learnerJoins()
        bench.hello(Bench.a)
        bench.hello(Bench.b)
        bench.beat(Bench.learner, isWaiting: true)
        bench.beat(Bench.a)
        bench.beat(Bench.b)
        bench.now += .seconds(2)
        bench.beat(Bench.learner, isWaiting: true)
        bench.beat(Bench.a, isWaiting: true)
        bench.beat(Bench.b)
        bench.now += .seconds(2)
        bench.beat(Bench.learner)
        func shares(_ effects: [Bench.State.Effect]) -> [MetricValues] {
            effects.events().compactMap { if case .stepped(let report) = $0 { report.metrics } else { nil } }
        }
        // The learner: 2 s, and half of the 2 s in which its wait ended. a: 1 s before its wait was heard of, and 2 s
        // since. b: nothing.
        #expect(
            shares(bench.report(0)) == [["idle_share_learner": 0.75, "idle_share_workers": 0.375]])
        bench.send(.goodbye(Goodbye(reason: "drained")), from: Bench.a)
        bench.now += .seconds(1)
        #expect(
            shares(bench.report(1)) == [["idle_share_learner": 0, "idle_share_workers": 0]])
        #expect(bench.status.steps.map(\.metrics.count) == [2, 2])
    }

    @Test func theLastStepFinishesTheRunAndEverybodyIsToldToLeave() {
        var bench = Bench(plan: RunPlan(steps: 1, evaluatesBefore: false, evaluatesAfter: false))
        bench.learnerJoins()
        bench.hello(Bench.a)
        let effects = bench.report(0)
        #expect(effects.events().contains(.finished))
        #expect(
            bench.beat(Bench.a).replies() == [HeartbeatReply(step: GlobalStep(1), stop: true, windowEnd: GlobalStep(1))]
        )
        #expect(bench.status.waitingFor == "learner, worker-a to leave")
        bench.send(.goodbye(Goodbye(reason: "drained")), from: Bench.a)
        bench.pass(2, beating: [Bench.learner: []])
        #expect(!bench.effects.contains(.exit))
        bench.send(.goodbye(Goodbye(reason: "finished")), from: Bench.learner)
        #expect(!bench.effects.contains(.exit))
        // Nobody has seen the end yet: it stays for a few seconds more, or until somebody asks.
        bench.control(.status)
        #expect(bench.effects.contains(.exit))
    }

    @Test func theControllerLeavesAlsoWhenNobodyAsksHowItEnded() {
        var bench = Bench(plan: RunPlan(steps: 1, evaluatesBefore: false, evaluatesAfter: false))
        bench.learnerJoins()
        bench.report(0)
        bench.send(.goodbye(Goodbye(reason: "finished")), from: Bench.learner)
        bench.pass(4)
        #expect(!bench.effects.contains(.exit))
        bench.pass(2)
        #expect(bench.effects.contains(.exit))
    }

    @Test func theEndWaitsForALearnerThatDiedBeforeItsLastCheckpoint() {
        var bench = Bench(plan: RunPlan(steps: 1, evaluatesBefore: false, evaluatesAfter: false))
        bench.learnerJoins()
        bench.report(0)
        bench.pass(10)
        #expect(!bench.effects.contains(.exit))
        #expect(bench.status.waitingFor == "learner (away) to leave")
        bench.learnerJoins(at: 1, nonce: 2)
        #expect(
            bench.beat(Bench.learner).replies() == [
                HeartbeatReply(step: GlobalStep(1), stop: true, windowEnd: GlobalStep(1))
            ])
        bench.send(.goodbye(Goodbye(reason: "finished")), from: Bench.learner)
        #expect(bench.effects.contains(.exit))
    }

    /// Perhaps it could not make the last step durable.
    @Test func aLearnerThatFailedIsWaitedForAtTheEnd() {
        var bench = Bench(plan: RunPlan(steps: 1, evaluatesBefore: false, evaluatesAfter: false))
        bench.learnerJoins()
        bench.report(0)
        bench.send(.goodbye(Goodbye(reason: "the disk is full", failed: true)), from: Bench.learner)
        bench.pass(10)
        #expect(!bench.effects.contains(.exit))
        #expect(bench.status.waitingFor == "learner (away) to leave")
        bench.learnerJoins(at: 1, nonce: 2)
        bench.send(.goodbye(Goodbye(reason: "finished")), from: Bench.learner)
        bench.pass(1)
        #expect(bench.effects.contains(.exit))
    }

    @Test func theLastWordsOfAFailedMemberAreInTheStatusUntilItIsBack() {
        var bench = Bench()
        bench.learnerJoins()
        bench.hello(Bench.a)
        let words = Goodbye(reason: "step 0 is refused", failed: true)
        let effects = bench.send(.goodbye(words), from: Bench.learner)
        #expect(effects.events() == [.left(Bench.learner, reason: "step 0 is refused")])
        #expect(bench.status.waitingFor == "the learner to join; learner failed: step 0 is refused")
        func row() -> MemberStatus? { bench.status.members.first { $0.node == Bench.learner } }
        #expect(row()?.health == .absent)
        #expect(row()?.heartbeat.waitingFor == "a new start; it failed: step 0 is refused")
        #expect(bench.status.counters[\.memberFailures] == 1)
        bench.learnerJoins(nonce: 2)
        #expect(!bench.status.waitingFor.contains("failed") && row()?.heartbeat.waitingFor == "")
        bench.send(.goodbye(Goodbye(reason: "logits", failed: true)), from: Bench.a)
        #expect(bench.status.waitingFor == "a worker to join; worker-a failed: logits")
        // Whoever leaves as it should has nothing to say.
        bench.hello(Bench.a, nonce: 2)
        bench.send(.goodbye(Goodbye(reason: "drained")), from: Bench.a)
        #expect(bench.status.waitingFor == "a worker to join")
    }

    @Test func theFarewellEndsThoughSomebodyNeverLeaves() {
        var bench = Bench(plan: RunPlan(steps: 1, evaluatesBefore: false, evaluatesAfter: false))
        bench.learnerJoins()
        bench.hello(Bench.a)
        bench.report(0)
        bench.send(.goodbye(Goodbye(reason: "finished")), from: Bench.learner)
        bench.pass(31, beating: [Bench.a: []])
        #expect(bench.effects.contains(.tellOperator(.warning, "leaving although worker-a did not say goodbye")))
        #expect(bench.effects.last == .exit)
    }

    @Test func pauseStopsOffersUntilResumeAndSurvivesARestart() {
        var bench = Bench()
        bench.learnerJoins()
        bench.hello(Bench.a)
        bench.control(.pause)
        #expect(bench.beat(Bench.a, credit: 3).offers().isEmpty)
        #expect(bench.status.phase == .paused && bench.status.waitingFor == "ead-ctl resume")
        let again = Bench(snapshot: bench.state.snapshot)
        #expect(again.status.phase == .paused)
        #expect(bench.control(.resume).offers().count == 3)
    }

    @Test func stopTellsEverybodyToLeaveAndIsForgottenByTheNextStart() {
        var bench = Bench()
        bench.learnerJoins()
        bench.hello(Bench.a)
        bench.control(.stop)
        #expect(bench.status.phase == .stopping)
        #expect(bench.beat(Bench.a, credit: 3).offers().isEmpty)
        #expect(bench.beat(Bench.learner).replies().map(\.stop) == [true])
        #expect(Bench(snapshot: bench.state.snapshot).status.phase == .forming)
    }

    @Test func aFinishedRunCanNotBePaused() {
        var snapshot = RunSnapshot(run: Bench.run, configurationHash: "01")
        snapshot.step = GlobalStep(3)
        snapshot.finished = true
        var bench = Bench(snapshot: snapshot)
        let effects = bench.control(.pause)
        #expect(
            effects.contains {
                if case .send(.controlReply(let reply), _, _) = $0 { !reply.accepted } else { false }
            })
        #expect(bench.status.phase == .finished)
    }

    @Test func aFinishedRunThatIsGivenMoreStepsGoesOn() {
        var snapshot = RunSnapshot(run: Bench.run, configurationHash: "01")
        snapshot.step = GlobalStep(3)
        snapshot.finished = true
        var bench = Bench(
            plan: RunPlan(steps: 4, evaluatesBefore: false, evaluatesAfter: false), snapshot: snapshot)
        bench.learnerJoins(at: 3)
        bench.hello(Bench.a)
        #expect(!bench.beat(Bench.a, credit: 3).offers().isEmpty && bench.status.phase == .training)
        bench.report(3)
        #expect(bench.effects.events().contains(.finished))
    }

    // MARK: Following the learner

    @Test func aLearnerBehindTakesTheRunBack() {
        var bench = Bench()
        bench.learnerJoins()
        bench.report(0)
        bench.report(1)
        bench.hello(Bench.a)
        bench.beat(Bench.a, credit: 3)
        let effects = bench.learnerJoins(at: 1, nonce: 2)
        #expect(effects.events().contains(.rewound(from: GlobalStep(2), to: GlobalStep(1))))
        #expect(effects.offers().map(\.oldestVersion) == Array(repeating: PolicyVersion(1), count: 3))
        #expect(bench.status.step == GlobalStep(1) && bench.status.steps.map(\.step.rawValue) == [0])
    }

    @Test func aLearnerAheadIsWaitedForUntilItReportsTheStepItHasDone() {
        var bench = Bench()
        bench.hello(Bench.a)
        bench.beat(Bench.a, credit: 3)
        bench.learnerJoins(at: 1)
        #expect(bench.status.step == GlobalStep(0) && bench.status.waitingFor == "the learner to report step 0")
        #expect(
            bench.beat(Bench.learner).replies() == [
                HeartbeatReply(step: GlobalStep(0), stop: false, windowEnd: GlobalStep(1))
            ])
        let effects = bench.report(0)
        #expect(effects.events() == [.stepped(Bench.report(0))])
        #expect(effects.offers().map(\.group.step) == Array(repeating: GlobalStep(1), count: 3))
    }

    @Test func aLearnerAheadWithoutAReportIsFollowedWithTheGroupsItHolds() {
        var bench = Bench()
        bench.hello(Bench.a)
        bench.beat(Bench.a, credit: 3)
        bench.learnerJoins(at: 2)
        let effects = bench.send(
            .groupsAccepted(GroupsAccepted(step: GlobalStep(2), slots: [1], nextStep: GlobalStep(2))),
            from: Bench.learner)
        #expect(effects.events() == [.rewound(from: GlobalStep(0), to: GlobalStep(2))])
        #expect(effects.offers().map(\.group.slot) == [0, 2])
    }

    @Test func leasesSurviveTheDeathOfTheLearner() {
        var bench = Bench()
        bench.learnerJoins()
        bench.hello(Bench.a)
        let leases = bench.beat(Bench.a, credit: 2).offers()
        bench.accept(leases, by: Bench.a)
        bench.hello(Bench.b)
        bench.pass(6, beating: [Bench.a: leases.map(\.held), Bench.b: []])
        #expect(bench.status.waitingFor == "the learner to join")
        bench.learnerJoins(nonce: 2)
        #expect(bench.beat(Bench.b, credit: 3).offers().map(\.group.slot) == [2])
    }

    @Test func aGroupTheReturnedLearnerDoesNotHaveIsLeasedAgain() {
        var bench = Bench()
        bench.learnerJoins()
        bench.send(.groupsAccepted(GroupsAccepted(step: GlobalStep(0), slots: [0, 1])), from: Bench.learner)
        bench.hello(Bench.a)
        #expect(bench.beat(Bench.a, credit: 3).offers().map(\.group.slot) == [2])
        #expect(bench.learnerJoins(accepted: [1], nonce: 2).offers().map(\.group.slot) == [0])
    }

    // MARK: Status

    @Test func theStatusSaysWhomTheRunWaitsForAndSinceWhen() {
        var bench = Bench()
        bench.tick()
        bench.now += .seconds(3)
        #expect(bench.status.waitingFor == "the learner to join" && bench.status.waitingMilliseconds == 3000)
        bench.learnerJoins()
        #expect(bench.status.waitingFor == "a worker to join" && bench.status.waitingMilliseconds == 0)
        bench.hello(Bench.a)
        #expect(bench.status.waitingFor == "a worker with room")
        bench.beat(Bench.a, credit: 2)
        #expect(bench.status.waitingFor == "groups of worker-a (2)")
        bench.send(.groupsAccepted(GroupsAccepted(step: GlobalStep(0), slots: [0, 1, 2])), from: Bench.learner)
        #expect(bench.status.waitingFor == "the learner to train step 0")
    }

    @Test func aWorkerThatCannotTakeALeaseIsNotWaitedForWithoutSayingWhy() {
        var bench = Bench()
        bench.learnerJoins()
        for node in [Bench.a, Bench.b] { bench.hello(node) }
        // The engine of one stands still until its leases are over; the other is about to leave.
        let leases = bench.beat(Bench.a, credit: 1, progress: 1).offers()
        bench.accept(leases, by: Bench.a)
        bench.beat(Bench.b, draining: true)
        for _ in 0..<40 {
            bench.now += .seconds(1)
            bench.beat(Bench.learner)
            bench.beat(Bench.a, credit: 1, leases: leases.map(\.held), progress: 1)
            bench.beat(Bench.b, draining: true)
            bench.tick()
        }
        #expect(bench.status.waitingFor == "a worker with room; worker-a is stalled, worker-b is leaving")
    }

    @Test func aWaitThatLastsTooLongIsTroubleUnlessSomebodyWantsItOrWorks() {
        var bench = Bench()
        bench.tick()
        bench.now += .seconds(119)
        bench.tick()
        #expect(bench.status.troubles == [])
        bench.now += .seconds(2)
        bench.tick()
        #expect(bench.status.troubles == ["waits for the learner to join longer than 2m (protocol.overdue_after)"])
        bench.control(.pause)
        bench.now += .seconds(200)
        bench.tick()
        #expect(bench.status.troubles == [] && bench.status.waitingFor == "ead-ctl resume")
        bench.control(.resume)
        bench.learnerJoins()
        bench.hello(Bench.a)
        let leases = bench.beat(Bench.a, credit: 3).offers()
        // Both get on: a long group, and a step that the learner does not train though it has all groups.
        bench.pass(200, beating: [Bench.a: leases.map(\.held), Bench.learner: []])
        #expect(bench.status.waitingFor == "groups of worker-a (3)" && bench.status.troubles == [])
        bench.accepted([0, 1, 2], of: 3)
        bench.pass(200, beating: [Bench.a: [], Bench.learner: []])
        #expect(
            bench.status.troubles == ["waits for the learner to train step 0 longer than 2m (protocol.overdue_after)"])
    }

    @Test func aDeadMemberIsShownAsDeadUntilItComesBackAndNotAsNeverSeen() {
        var bench = Bench()
        bench.learnerJoins()
        bench.hello(Bench.a)
        bench.pass(8, beating: [Bench.learner: []])
        let row = bench.status.members[1]
        #expect(row.node == Bench.a && row.health == .dead && row.silentMilliseconds == 8000)
        #expect(row.epoch == Epoch(2) && row.process == "host:9" && row.heartbeat.leases.isEmpty)
        bench.hello(Bench.a, nonce: 2)
        #expect(bench.status.members[1].health == .alive)
    }

    @Test func theStatusHasARowForEveryNodeOfTheFile() {
        var bench = Bench()
        bench.learnerJoins()
        bench.hello(Bench.b)
        bench.now += .seconds(2)
        let rows = bench.status.members
        #expect(rows.map(\.node) == [Bench.learner, Bench.a, Bench.b])
        #expect(rows.map(\.health) == [.alive, .absent, .alive])
        #expect(rows[2].process == "host:9" && rows[2].epoch == Epoch(2) && rows[2].silentMilliseconds == 2000)
    }
}
