import EADController
import EADCore
import EADMessages
import EADProtocol
import EADTelemetry
import EADTestKit
import Testing

/// A controller of several open steps.
@Suite struct ControllerWindowTests {
    typealias Bench = ControllerHarness

    private static let plan = RunPlan(steps: 6, evaluatesBefore: false, evaluatesAfter: false, evaluationInterval: 3)

    private func bench(_ plan: RunPlan = Self.plan, bound: UInt64 = 2) -> Bench {
        var bench = Bench(plan: plan, bound: bound)
        bench.learnerJoins()
        bench.hello(Bench.a)
        return bench
    }

    private func steps(_ leases: [Lease]) -> [UInt64] { leases.map(\.group.step.rawValue) }

    @Test func groupsOfAllOpenStepsAreGivenOutTheLowestFirst() {
        var bench = self.bench(RunPlan(steps: 6, evaluatesBefore: false, evaluatesAfter: false))
        let leases = bench.beat(Bench.a, credit: 20).offers()
        #expect(self.steps(leases) == [0, 0, 0, 1, 1, 1, 2, 2, 2])
        #expect(leases.allSatisfy { $0.oldestVersion == PolicyVersion(0) })
        #expect(bench.beat(Bench.a).replies().first?.window == GlobalStep(0)..<GlobalStep(3))
    }

    @Test func theRunWaitsForTheSlotsOfTheOldestStepByName() {
        var bench = self.bench()
        let leases = bench.beat(Bench.a, credit: 20).offers()
        bench.accept(leases, by: Bench.a)
        bench.accepted([0, 2], of: 3)
        bench.accepted([0], of: 3, step: 1)
        #expect(bench.status.waitingFor == "step 0: slot 1 of worker-a")
        bench.accepted([0, 1, 2], of: 3)
        #expect(bench.status.waitingFor == "the learner to train step 0")
    }

    @Test func noGroupOfAVersionToBeEvaluatedIsGivenOutBeforeItIs() {
        var bench = self.bench()
        bench.report(0)
        let leases = bench.beat(Bench.a, credit: 20).offers()
        #expect(self.steps(leases) == [1, 1, 1, 2, 2, 2])
        #expect(bench.beat(Bench.a, credit: 20).replies().first?.windowEnd == GlobalStep(3))
        for step in 1...2 as ClosedRange<UInt64> {
            bench.accepted([0, 1, 2], of: 3, step: step)
            bench.report(step)
        }
        let evaluations = bench.effects.offers(to: Peer(Bench.a)).suffix(2)
        #expect(evaluations.allSatisfy { $0.group.purpose == .evaluation && $0.oldestVersion == PolicyVersion(3) })
        var effects: [Bench.State.Effect] = []
        for lease in evaluations {
            let samples = (0..<3).map {
                EvaluatedSample(greedy: $0 == 2, verdict: Verdict(reward: 1, strictReward: 0), tokens: 1, text: "")
            }
            effects += bench.giveBack(lease, by: Bench.a, .completed, samples: samples)
        }
        #expect(bench.state.snapshot.evaluations.map(\.version) == [PolicyVersion(3)])
        #expect(self.steps(effects.offers()) == [3, 3, 3, 4, 4, 4, 5, 5, 5])
    }

    @Test func anEvaluationThatIsAskedForIsMadeWhenTheOpenStepsAreTrained() {
        var bench = self.bench(RunPlan(steps: 9, evaluatesBefore: false, evaluatesAfter: false))
        bench.beat(Bench.a, credit: 20)
        bench.control(.evaluate, samples: 1, request: 7)
        for step in 0...2 as ClosedRange<UInt64> {
            #expect(bench.status.phase == .training)
            bench.accepted([0, 1, 2], of: 3, step: step)
            bench.report(step)
        }
        #expect(bench.status.phase == .evaluating)
        #expect(bench.effects.offers(to: Peer(Bench.a)).last?.oldestVersion == PolicyVersion(3))
    }

    @Test func aLearnerThatComesBackSaysWhatItHasOfEveryOpenStep() {
        var bench = self.bench()
        bench.beat(Bench.a, credit: 20)
        let hello = Hello(
            role: .learner, nonce: [UInt8](repeating: 2, count: 16), configurationHash: [1], nextStep: GlobalStep(0),
            acceptedSlots: [1], slotCount: 3, host: "host", processID: 10,
            laterSteps: [GroupsAccepted(step: GlobalStep(2), slots: [0, 1, 2], slotCount: 3)])
        bench.send(.hello(hello), from: Bench.learner, epoch: Epoch(0))
        bench.send(.goodbye(Goodbye(reason: "gone")), from: Bench.a)
        bench.hello(Bench.b)
        let leases = bench.beat(Bench.b, credit: 20).offers()
        #expect(leases.map { "\($0.group.step)/\($0.group.slot)" } == ["0/0", "0/2", "1/0", "1/1", "1/2"])
    }

    /// What it has of a later step says nothing about where it is.
    @Test func aLearnerIsFollowedToWhereItSaysThatItIs() {
        var bench = self.bench()
        bench.hello(Bench.learner, role: .learner, step: 2, nonce: 2)
        bench.accepted([0], of: 3, step: 3)
        #expect(bench.status.step == GlobalStep(0))
        bench.send(
            .groupsAccepted(
                GroupsAccepted(step: GlobalStep(2), slots: [0], slotCount: 3, nextStep: GlobalStep(2))),
            from: Bench.learner)
        #expect(bench.status.step == GlobalStep(2))
    }

    @Test func howLongTheWindowWasExhaustedIsReported() {
        var bench = self.bench()
        bench.beat(Bench.a, credit: 20)
        bench.now += .seconds(3)
        bench.beat(Bench.a, credit: 9)
        bench.now += .seconds(1)
        bench.report(0)
        #expect(bench.status.steps.last?.metrics[\.windowExhaustedShare] == 0.75)
    }
}
