import EADController
import EADCore
import EADMessages
import EADProtocol
import Testing

@Suite struct SimulationTests {
    private static let plan = Simulation.plan

    private static let calmResult: Simulation = {
        var simulation = Simulation(seed: 1, workers: 2, settings: Simulation.settings(workers: 2), faults: .none)
        simulation.run()
        return simulation
    }()

    private func calm(workers: Int) -> Simulation {
        var simulation = Simulation(
            seed: 1, workers: workers, settings: Simulation.settings(workers: workers), faults: .none)
        simulation.run()
        return simulation
    }

    @Test func aCalmRunTrainsEveryStepOnceEvaluatesTwiceAndEverybodyLeaves() {
        let simulation = self.calm(workers: 2)
        let steps = simulation.log.compactMap {
            if case .stepped(let report) = $0 { report.step.rawValue } else { nil }
        }
        #expect(steps == Array(0..<Self.plan.steps))
        #expect(simulation.snapshot.evaluations.map(\.version.rawValue) == [0, Self.plan.steps])
        #expect(simulation.left == Set([Simulation.learnerNode] + simulation.workerNodes))
        #expect(simulation.ledger.deltas.right > 0 && simulation.ledger.deltas.wrong == 0)
        self.expectCalmResult(simulation)
    }

    @Test(arguments: [1, 3, 8]) func theFinalWeightsDoNotDependOnTheNumberOfWorkers(workers: Int) {
        self.expectCalmResult(self.calm(workers: workers))
    }

    @Test(arguments: 0..<Self.seeds) func deathsOfAnyRoleChangeNothing(seed: UInt64) {
        _ = self.run(seed, .init(death: 0.03))
    }

    @Test(arguments: 0..<Self.seeds) func theDeathOfLearnerAndControllerTogetherChangesNothing(seed: UInt64) {
        _ = self.run(1000 + seed, .init(doubleDeath: 0.05))
    }

    @Test(arguments: 0..<Self.seeds) func aDeathBetweenAnyTwoEffectsChangesNothing(seed: UInt64) {
        _ = self.run(2000 + seed, .init(tear: 0.01))
    }

    @Test(arguments: 0..<Self.seeds) func aFrozenProcessThatGoesOnChangesNothing(seed: UInt64) {
        _ = self.run(3000 + seed, .init(pause: 0.02))
    }

    @Test(arguments: 0..<Self.seeds) func lossDuplicationAndCutsChangeNothing(seed: UInt64) {
        let simulation = self.run(4000 + seed, .init(loss: 0.05, duplication: 0.05, echo: 0.1, cut: 0.01))
        #expect(simulation.network.lost > 0)
        #expect(simulation.ledger.deltas.right > 0)
    }

    @Test(arguments: 0..<Self.seeds) func everythingAtOnceChangesNothing(seed: UInt64) {
        let severity = Double(1 + seed % 4)
        let faults = Simulation.Faults(
            death: 0.01 * severity, doubleDeath: 0.003 * severity, tear: 0.001 * severity, pause: 0.003 * severity,
            loss: 0.03 * severity, duplication: 0.03 * severity, echo: 0.1, cut: 0.01 * severity)
        _ = self.run(5000 + seed, faults)
    }

    @Test(arguments: 0..<Self.seeds) func aLiarIsFoundOutAndTheOthersCarryTheRun(seed: UInt64) {
        let simulation = self.run(7000 + seed, .init(loss: 0.02, liars: 1 + Int(seed % 2)))
        #expect(!simulation.ledger.discarded.isEmpty)
        #expect(simulation.ledger.discarded.allSatisfy { simulation.lies($0.sender) })
    }

    @Test(arguments: 1...3) func aRunOfLiarsEndsWithTheReason(workers: Int) {
        var settings = Simulation.settings(workers: workers)
        settings.terms.maximumAttempts = 3
        var simulation = Simulation(
            seed: 9000, workers: workers, settings: settings, faults: .init(liars: workers))
        simulation.run(limit: .seconds(300))
        let reason = simulation.ending ?? ""
        #expect(reason.contains("a log-probability is not the learner's"), "\(reason)")
        #expect(simulation.ledger.trained.isEmpty)
    }

    @Test(arguments: 0..<Self.seeds) func liarsAndDeathsTogetherChangeNothing(seed: UInt64) {
        _ = self.run(8000 + seed, .init(death: 0.01, doubleDeath: 0.005, tear: 0.002, loss: 0.02, liars: 1))
    }

    @Test(arguments: 0..<Self.seeds) func anEvaluationOutlivesItsWorkerAndItsController(seed: UInt64) {
        var simulation = Simulation(
            seed: 6000 + seed, workers: 3, settings: Simulation.settings(workers: 3), faults: .none)
        var isPartial = false
        while !isPartial, simulation.elapsed < .seconds(60) {
            simulation.advance(.milliseconds(50))
            let status = simulation.controller?.status(since: GlobalStep(0), now: simulation.now)
            isPartial = status.map { $0.phase == .evaluating && $0.groupsAccepted > 0 } ?? false
        }
        #expect(isPartial)
        simulation.kill(simulation.workerNodes[Int(seed) % 3])
        if seed % 4 > 0 { simulation.kill(Simulation.controllerNode) }
        simulation.run()
        self.expectCalmResult(simulation)
    }

    @Test func deltasThatGiveAWrongPolicyAreMendedByItsChunks() {
        var wrong = 0
        for seed in 0..<Self.seeds {
            wrong += self.run(7000 + seed, .init(loss: 0.3)).ledger.deltas.wrong
        }
        #expect(wrong > 0)
    }

    // MARK: Expectations

    private static let seeds = Simulation.seeds

    private func run(_ seed: UInt64, _ faults: Simulation.Faults) -> Simulation {
        var simulation = Simulation(seed: seed, workers: 3, settings: Simulation.settings(workers: 3), faults: faults)
        simulation.run()
        self.expectCalmResult(simulation)
        return simulation
    }

    private func expectCalmResult(_ simulation: Simulation) {
        let calm = Self.calmResult
        let state = "\(simulation.elapsed): \(String(describing: simulation.controller?.snapshot))"
        #expect(simulation.finished, "\(state)")
        #expect(simulation.snapshot.finished, "\(state)")
        #expect(simulation.disk.checkpoint.step.rawValue == Self.plan.steps, "\(state)")
        #expect(simulation.disk.checkpoint.weights == calm.disk.checkpoint.weights)
        #expect(simulation.snapshot.evaluations == calm.snapshot.evaluations)
        #expect(simulation.evaluationFiles == calm.evaluationFiles && calm.evaluationFiles.count == 2)
        var evaluated: [PolicyVersion: EvaluationReport] = [:]
        for case .evaluated(let report) in simulation.log { evaluated[report.version] = report }
        #expect(evaluated.values.sorted { $0.version < $1.version } == calm.snapshot.evaluations)
        #expect(simulation.ledger.violations == [])
        self.expectEveryProblemTrainedOnce(simulation)
        // Of a step reported twice, the last report counts.
        var reports: [GlobalStep: [UInt8]] = [:]
        for case .stepped(let report) in simulation.log { reports[report.step] = report.rootHash }
        for case .stepped(let report) in calm.log {
            // A report is lost with a learner that dies right after the checkpoint of its step.
            let version = report.version.rawValue
            let hasCheckpoint = version.isMultiple(of: 3) || version == Self.plan.steps
            let mayBeLost = simulation.ledger.deaths > 0 && hasCheckpoint
            #expect(reports[report.step] == report.rootHash || (mayBeLost && reports[report.step] == nil))
        }
    }

    /// Each step took exactly the groups of its problems, and no acknowledged group was trained without, or not at all.
    private func expectEveryProblemTrainedOnce(_ simulation: Simulation) {
        let order = simulation.settings.curriculum.order
        #expect(simulation.ledger.trained.count == Int(Self.plan.steps))
        for (step, groups) in simulation.ledger.trained {
            #expect(groups.map(\.problem) == order.problems(of: step))
            #expect(groups.map(\.id.slot) == Array(0..<UInt32(order.promptsPerStep)))
            #expect(groups.allSatisfy { $0.id.step == step && $0.policyVersion.rawValue == step.rawValue })
        }
        for group in simulation.ledger.acknowledged {
            let trained = simulation.ledger.trained[group.id.step]?[Int(group.id.slot)]
            #expect(trained == group, "\(group.id) was acknowledged and not trained")
        }
    }
}
