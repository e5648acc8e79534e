import EADController
import EADCore
import EADEvaluation
import EADMessages
import EADProtocol
import EADTelemetry
import EADTestKit
import Testing

@Suite struct EvaluationTests {
    typealias Bench = ControllerHarness

    private static let before = RunPlan(steps: 1, evaluatesBefore: true, evaluatesAfter: false)

    private func sample(_ reward: Float, greedy: Bool = false, strict: Float = 0) -> EvaluatedSample {
        EvaluatedSample(
            greedy: greedy, verdict: Verdict(reward: reward, strictReward: strict), tokens: 1, text: "")
    }

    /// As many samples as the lease asks for, and a greedy one.
    private func answers(_ lease: Lease, _ reward: Float = 1) -> [EvaluatedSample] {
        (0..<lease.samples).map { _ in self.sample(reward) } + [self.sample(reward, greedy: true)]
    }

    private func bench(
        _ plan: RunPlan = Self.before, heldOut: Int = 2, snapshot: RunSnapshot? = nil
    ) -> Bench {
        var bench = Bench(
            plan: plan, heldOut: heldOut, snapshot: snapshot ?? RunSnapshot(run: Bench.run, configurationHash: "01"))
        bench.learnerJoins()
        bench.hello(Bench.a)
        return bench
    }

    @Test func evaluationComesBeforeTrainingAndIsAggregatedByProblem() throws {
        var bench = self.bench(RunPlan(steps: 1, evaluatesBefore: true, evaluatesAfter: true))
        let leases = bench.beat(Bench.a, credit: 2).offers()
        #expect(leases.map(\.group.purpose) == [.evaluation, .evaluation] && leases.map(\.problem.index) == [4, 5])
        #expect(leases.map(\.samples) == [2, 2] && bench.status.phase == .evaluating)
        let first = [self.sample(1), self.sample(0), self.sample(1, greedy: true, strict: 1)]
        let second = [self.sample(0), self.sample(0), self.sample(1, greedy: true)]
        // The order in which results come does not matter.
        bench.giveBack(leases[1], by: Bench.a, .completed, samples: second)
        let effects = bench.giveBack(leases[0], by: Bench.a, .completed, samples: first)
        let report = try #require(bench.state.snapshot.evaluations.first)
        #expect(report.version == PolicyVersion(0) && report.problems == 2 && report.samples == 2)
        #expect(report.values["greedy_accuracy"] == 1 && report.values["strict_greedy_accuracy"] == 0.5)
        #expect(report.values["mean"] == 0.25 && report.values["pass_at_2"] == 0.5)
        let graded = zip(leases, [first, second]).map { GradedProblem(problem: $0.problem, samples: $1) }
        let place = try #require(effects.firstIndex(of: .persistEvaluation(report, graded)))
        #expect(effects[place + 1] == .record(.evaluated(report)))
        #expect(effects[place + 2] == .persist(bench.state.snapshot))
        #expect(effects.offers().map(\.group.purpose) == [.training, .training])
    }

    @Test func responsesWithoutAScoreAreNeitherRightNorWrong() throws {
        func unscored(greedy: Bool) -> EvaluatedSample {
            EvaluatedSample(greedy: greedy, verdict: nil, tokens: 1, text: "")
        }
        var bench = self.bench()
        let leases = bench.beat(Bench.a, credit: 2).offers()
        bench.giveBack(
            leases[0], by: Bench.a, .completed,
            samples: [self.sample(1), unscored(greedy: false), unscored(greedy: true)])
        bench.giveBack(
            leases[1], by: Bench.a, .completed,
            samples: [unscored(greedy: false), unscored(greedy: false), self.sample(1, greedy: true, strict: 1)])
        let values = try #require(bench.state.snapshot.evaluations.first).values
        #expect(values["greedy_accuracy"] == 1 && values["strict_greedy_accuracy"] == 1)
        #expect(values["mean"] == 1 && values["pass_at_1"] == 1 && values["pass_at_2"] == nil)
        #expect(values["unscored_responses"] == 4)
    }

    @Test func aSecondResultOfAnEvaluatedProblemChangesNothing() {
        var bench = self.bench()
        let leases = bench.beat(Bench.a, credit: 2).offers()
        bench.giveBack(leases[0], by: Bench.a, .completed, samples: self.answers(leases[0]))
        let again = bench.giveBack(leases[0], by: Bench.a, .completed, samples: self.answers(leases[0], 0))
        #expect(again.events().isEmpty)
        bench.giveBack(leases[1], by: Bench.a, .completed, samples: self.answers(leases[1]))
        #expect(bench.state.snapshot.evaluations.map { $0.values["mean"] } == [1])
    }

    @Test func aResultWithTooFewOrTooManyResponsesIsAFailedAttempt() throws {
        var bench = self.bench(heldOut: 1)
        let lease = try #require(bench.beat(Bench.a, credit: 2).offers().first)
        let effects = bench.giveBack(lease, by: Bench.a, .completed, samples: [self.sample(1)])
        #expect(bench.state.snapshot.evaluations.isEmpty && effects.offers().map(\.attempt) == [2])
        #expect(bench.status.counters[\.leasesFailed] == 1)
    }

    @Test func greedyResponsesAloneAreAnEvaluation() {
        var bench = Bench(plan: Self.before, heldOut: 1, evaluationSamples: 0)
        bench.learnerJoins()
        bench.hello(Bench.a)
        let leases = bench.beat(Bench.a, credit: 2).offers()
        bench.giveBack(leases[0], by: Bench.a, .completed, samples: self.answers(leases[0]))
        let values = bench.state.snapshot.evaluations[0].values
        #expect(values["greedy_accuracy"] == 1 && values["samples"] == 0 && values["mean"] == nil)
    }

    @Test func theRunIsFinishedOnlyAfterItsLastEvaluation() {
        var bench = self.bench(RunPlan(steps: 1, evaluatesBefore: false, evaluatesAfter: true), heldOut: 1)
        bench.beat(Bench.a, credit: 3)
        let leases = bench.report(0).offers()
        #expect(leases.map(\.oldestVersion) == [PolicyVersion(1)] && !bench.state.snapshot.finished)
        bench.giveBack(leases[0], by: Bench.a, .completed, samples: self.answers(leases[0]))
        #expect(bench.state.snapshot.finished)
    }

    // MARK: On request

    private static let none = RunPlan(steps: 3, evaluatesBefore: false, evaluatesAfter: false)

    @Test func aRequestedEvaluationComesAtTheEndOfTheStep() {
        var bench = self.bench(Self.none, heldOut: 1)
        let training = bench.beat(Bench.a, credit: 9).offers()
        #expect(training.map(\.group.purpose) == [.training, .training, .training])
        let effects = bench.control(.evaluate, samples: 5, request: 77)
        #expect(
            effects.answers() == [
                ControlReply(accepted: true, message: "5 samples per problem, at the end of the step")
            ])
        #expect(effects.contains(.persist(bench.state.snapshot)) && effects.offers().isEmpty)
        let leases = bench.report(0).offers()
        #expect(leases.map(\.group.purpose) == [.evaluation] && leases.map(\.samples) == [5])
        #expect(leases.map(\.oldestVersion) == [PolicyVersion(1)])
        let next = bench.giveBack(leases[0], by: Bench.a, .completed, samples: self.answers(leases[0])).offers()
        #expect(next.map(\.group) == (0..<3).map { GroupID(step: GlobalStep(1), slot: $0) })
        #expect(bench.status.evaluations.map(\.request) == [77] && bench.state.snapshot.requested == nil)
    }

    @Test func aPausedRunIsEvaluatedAtOnceAndThenGoesOnWithTheGroupsItHad() {
        var bench = self.bench(Self.none, heldOut: 1)
        let leases = bench.beat(Bench.a, credit: 2).offers()
        bench.control(.pause)
        bench.send(.groupsAccepted(GroupsAccepted(step: GlobalStep(0), slots: [0])), from: Bench.learner)
        // A lease is out still.
        #expect(bench.control(.evaluate, request: 5).offers().isEmpty)
        #expect(bench.status.phase == .paused)
        bench.send(.groupsAccepted(GroupsAccepted(step: GlobalStep(0), slots: [0, 1])), from: Bench.learner)
        let offered = bench.effects.offers().suffix(1)
        #expect(offered.map(\.group.purpose) == [.evaluation] && bench.status.phase == .evaluating)
        // The learner says again what it holds while the evaluation goes on.
        bench.send(.groupsAccepted(GroupsAccepted(step: GlobalStep(0), slots: [0, 1])), from: Bench.learner)
        for lease in offered { bench.giveBack(lease, by: Bench.a, .completed, samples: self.answers(lease)) }
        #expect(bench.status.evaluations.map(\.request) == [5] && bench.status.phase == .paused)
        #expect(leases.count == 2 && bench.control(.resume).offers().map(\.group.slot) == [2])
    }

    @Test func aRequestSurvivesARestartOfTheController() {
        var bench = self.bench(Self.none, heldOut: 1)
        bench.control(.pause)
        bench.control(.evaluate, samples: 3, request: 5)
        var again = self.bench(Self.none, heldOut: 1, snapshot: bench.state.snapshot)
        let leases = again.beat(Bench.a, credit: 2).offers()
        #expect(leases.map(\.group.purpose) == [.evaluation] && leases.map(\.samples) == [3])
    }

    @Test func theSameRequestAgainChangesNothingAndAnotherOneWaits() {
        var bench = self.bench(Self.none, heldOut: 1)
        bench.control(.pause)
        bench.control(.evaluate, samples: 3, request: 5)
        let lease = bench.beat(Bench.a, credit: 2).offers()[0]
        #expect(bench.control(.evaluate, samples: 3, request: 5).answers().map(\.accepted) == [true])
        #expect(bench.control(.evaluate, samples: 3, request: 6).answers().map(\.accepted) == [false])
        bench.giveBack(lease, by: Bench.a, .completed, samples: self.answers(lease))
        #expect(bench.control(.evaluate, samples: 3, request: 5).answers().map(\.accepted) == [true])
        #expect(bench.state.snapshot.requested == nil && bench.status.evaluations.count == 1)
    }

    @Test func whatIsEvaluatedAlreadyIsNotEvaluatedAgain() {
        var bench = self.bench(heldOut: 1)
        let lease = bench.beat(Bench.a, credit: 2).offers()[0]
        bench.giveBack(lease, by: Bench.a, .completed, samples: self.answers(lease))
        let effects = bench.control(.evaluate, request: 5)
        #expect(effects.answers().map(\.message) == ["policy 0 is evaluated already"])
        #expect(effects.contains(.persist(bench.state.snapshot)))
        #expect(bench.status.evaluations.map(\.request) == [5] && bench.state.snapshot.requested == nil)
        // With more samples it is another evaluation of the same version, beside the first.
        bench.control(.pause)
        bench.send(.groupsAccepted(GroupsAccepted(step: GlobalStep(0), slots: [0, 1, 2])), from: Bench.learner)
        bench.control(.evaluate, samples: 4, request: 6)
        #expect(bench.state.snapshot.requested?.samples == 4)
    }

    @Test func whatCanNotBeEvaluatedIsRefusedWithTheReason() {
        func reason(_ bench: Bench, samples: UInt32 = 0, request: UInt64 = 5) -> String? {
            var bench = bench
            let answer = bench.control(.evaluate, samples: samples, request: request).answers().first
            return answer?.accepted == false ? answer?.message : nil
        }
        let bench = self.bench(Self.none)
        #expect(reason(self.bench(Self.none, heldOut: 0))?.contains("task.held_out") == true)
        #expect(reason(bench, samples: 1025)?.contains("at most 1024") == true)
        #expect(reason(bench, request: 0)?.contains("number above 0") == true)
        let mute = Bench(plan: Self.none, evaluationSamples: 0, greedy: false)
        #expect(reason(mute)?.contains("--samples") == true)
        var snapshot = RunSnapshot(run: Bench.run, configurationHash: "01")
        snapshot.step = GlobalStep(3)
        snapshot.finished = true
        #expect(reason(Bench(snapshot: snapshot))?.contains("--checkpoint") == true)
        var stopping = bench
        stopping.control(.stop)
        #expect(reason(stopping)?.contains("stopping") == true)
    }

    @Test func aStatusTellsOnlyOfEvaluationsFromTheVersionAskedForOn() {
        var bench = self.bench(RunPlan(steps: 3, evaluatesBefore: true, evaluatesAfter: false), heldOut: 1)
        let lease = bench.beat(Bench.a, credit: 1).offers()[0]
        bench.giveBack(lease, by: Bench.a, .completed, samples: self.answers(lease))
        #expect(bench.state.status(since: GlobalStep(0), now: bench.now).evaluations.count == 1)
        #expect(bench.state.status(since: GlobalStep(1), now: bench.now).evaluations.isEmpty)
    }

    /// A controller whose file is an old copy comes back to a learner that has gone on.
    @Test func anEvaluationThatCannotBeMadeAnyMoreIsNamed() {
        let plan = RunPlan(steps: 9, evaluatesBefore: true, evaluatesAfter: false, evaluationInterval: 2)
        var bench = Bench(plan: plan, heldOut: 1)
        bench.learnerJoins()
        let effects = bench.send(
            .groupsAccepted(GroupsAccepted(step: GlobalStep(4), slots: [], nextStep: GlobalStep(4))),
            from: Bench.learner)
        let told = effects.compactMap { if case .tellOperator(.warning, let text) = $0 { text } else { nil } }
        #expect(told.contains { $0.contains("not evaluated as planned") && $0.contains("policy 0, 2;") })
        #expect(bench.status.phase == .evaluating)
    }
}
