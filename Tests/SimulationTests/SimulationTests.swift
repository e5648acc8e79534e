import EADController
import EADCore
import EADEvaluation
import EADMessages
import EADProtocol
import Testing

@testable import EADSimulation

@Suite struct SimulationTests {
    private static let plan = Simulation.plan

    /// What a run comes to in which nothing goes wrong.
    private struct CalmResult {
        let weights: UInt64
        let log: [RunEvent]
        let evaluations: [EvaluationReport]
        let evaluationFiles: [PolicyVersion: [GradedProblem]]
    }

    private static let calmResult: CalmResult = {
        let simulation = Simulation(seed: 1, workers: 2, settings: Simulation.settings(workers: 2), faults: .none)
        simulation.run()
        return CalmResult(
            weights: simulation.disk.checkpoint.weights, log: simulation.log,
            evaluations: simulation.snapshot.evaluations, evaluationFiles: simulation.evaluationFiles)
    }()

    private func calm(workers: Int) -> Simulation {
        let simulation = Simulation(
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

    @Test(arguments: 0..<Self.seeds / 2) func aLiarIsFoundOutAndTheOthersCarryTheRun(seed: UInt64) {
        let simulation = self.run(7000 + seed, .init(loss: 0.02, liars: 1 + Int(seed % 2)))
        #expect(!simulation.ledger.discarded.isEmpty)
        #expect(simulation.ledger.discarded.allSatisfy { simulation.lies($0.sender) })
    }

    @Test(arguments: 1...3) func aRunOfLiarsEndsWithTheReason(workers: Int) {
        var settings = Simulation.settings(workers: workers)
        settings.terms.maximumAttempts = 3
        let simulation = Simulation(
            seed: 9000, workers: workers, settings: settings, faults: .init(liars: workers))
        simulation.run(limit: .seconds(300))
        let reason = simulation.ending ?? ""
        #expect(reason.contains("a log-probability is not the learner's"), "\(reason)")
        #expect(simulation.ledger.trained.isEmpty)
    }

    @Test(arguments: 0..<Self.seeds / 2) func liarsAndDeathsTogetherChangeNothing(seed: UInt64) {
        _ = self.run(8000 + seed, .init(death: 0.01, doubleDeath: 0.005, tear: 0.002, loss: 0.02, liars: 1))
    }

    // MARK: Files that are old copies, links that are cut, members that misbehave

    @Test(arguments: 0..<Self.seeds) func filesThatGoBackToAnEarlierCopyChangeNothing(seed: UInt64) {
        _ = self.run(10_000 + seed, .init(death: 0.02, doubleDeath: 0.01, oldFiles: 0.5))
    }

    @Test(arguments: 0..<Self.seeds / 2) func cutsOfOnePairAloneChangeNothing(seed: UInt64) {
        let simulation = self.run(11_000 + seed, .init(linkCut: 0.02))
        #expect(simulation.network.lost > 0)
    }

    @Test(arguments: 0..<Self.seeds / 2) func lettersOfEarlierLivesChangeNothing(seed: UInt64) {
        _ = self.run(12_000 + seed, .init(death: 0.03, doubleDeath: 0.01, late: 0.7, echo: 0.2))
    }

    @Test(arguments: 0..<Self.seeds / 2) func groupsThatNobodyAskedForChangeNothing(seed: UInt64) {
        _ = self.run(13_000 + seed, .init(death: 0.01, loss: 0.02, nonsense: 0.5, failing: Int(seed % 3)))
    }

    @Test(arguments: 0..<Self.seeds) func allOfItAtOnceChangesNothing(seed: UInt64) {
        let severity = Double(1 + seed % 4)
        // A controller that went back gives epochs a second time, and could not tell late letters from new ones.
        let goesBack = seed % 3 > 0
        _ = self.run(
            14_000 + seed,
            .init(
                death: 0.008 * severity, doubleDeath: 0.003 * severity, tear: 0.0005 * severity,
                oldFiles: goesBack ? 0.3 : 0,
                pause: 0.002 * severity, loss: 0.02 * severity, duplication: 0.02 * severity, late: goesBack ? 0 : 0.3,
                echo: 0.1,
                nonsense: 0.2, cut: 0.005 * severity, linkCut: 0.004 * severity, liars: Int(seed % 2),
                failing: Int(seed / 2 % 2)))
    }

    /// One worker that can do its work is enough, whatever the others are cut off from for ever.
    @Test(arguments: 0..<Self.seeds) func aHealthyCoreCarriesTheRunWhateverTheOthersDo(seed: UInt64) {
        let workers = (0..<3).map { NodeID("worker-\($0)") }
        let (controller, learner) = (Simulation.controllerNode, Simulation.learnerNode)
        func both(_ a: NodeID, _ b: NodeID) -> [Simulation.Link] { [.init(from: a, to: b), .init(from: b, to: a)] }
        let broken: [Simulation.Link] =
            switch seed % 6 {
            case 0: both(workers[1], learner)
            case 1: [.init(from: workers[1], to: learner)]
            case 2: [.init(from: learner, to: workers[1])]
            case 3: [.init(from: controller, to: workers[1])]
            case 4: [.init(from: workers[1], to: controller)]
            default: both(workers[1], controller)
            }
        _ = self.run(15_000 + seed, .init(loss: 0.02, broken: broken, failing: Int(seed / 6 % 2)), attempts: 5)
    }

    @Test(arguments: 0..<Self.seeds) func anEvaluationOutlivesItsWorkerAndItsController(seed: UInt64) {
        let simulation = Simulation(
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

    /// - Parameter attempts: After how many failures a group is given up; by default those of deaths do not matter.
    private func run(_ seed: UInt64, _ faults: Simulation.Faults, attempts: Int = 1000) -> Simulation {
        var settings = Simulation.settings(workers: 3)
        settings.terms.maximumAttempts = attempts
        let simulation = Simulation(seed: seed, workers: 3, settings: settings, faults: faults)
        simulation.run()
        self.expectCalmResult(simulation)
        return simulation
    }

    private func expectCalmResult(_ simulation: Simulation) {
        let calm = Self.calmResult
        let state = simulation.summary
        let isFinished = simulation.finished && simulation.snapshot.finished
        #expect(isFinished, "\(state)")
        #expect(simulation.disk.checkpoint.step.rawValue == Self.plan.steps, "\(state)")
        #expect(simulation.disk.checkpoint.weights == calm.weights)
        self.expectEvaluations(simulation)
        #expect(simulation.ledger.violations == [])
        self.expectEveryProblemTrainedOnce(simulation)
        // Of a step reported twice, the last report counts.
        var reports: [GlobalStep: [UInt8]] = [:]
        for case .stepped(let report) in simulation.log { reports[report.step] = report.rootHash }
        for case .stepped(let report) in calm.log {
            // A report is lost with a learner that dies right after the checkpoint of its step.
            let version = report.version.rawValue
            let hasCheckpoint = version.isMultiple(of: 3) || version == Self.plan.steps
            let mayBeLost = simulation.ledger.deaths > 0 && (hasCheckpoint || simulation.ledger.restorations > 0)
            #expect(reports[report.step] == report.rootHash || (mayBeLost && reports[report.step] == nil))
        }
    }

    private func expectEvaluations(_ simulation: Simulation) {
        let calm = Self.calmResult
        // Of a version that is gone when the controller has forgotten its evaluation, none can be made again.
        let expected = calm.evaluations.filter { report in
            simulation.ledger.restorations == 0
                || simulation.snapshot.evaluations.contains { $0.version == report.version }
        }
        #expect(
            simulation.snapshot.evaluations == expected && expected.contains { $0.version.rawValue == Self.plan.steps })
        let versions = Set(expected.map(\.version))
        #expect(calm.evaluationFiles.count == 2)
        #expect(
            simulation.evaluationFiles.filter { versions.contains($0.key) }
                == calm.evaluationFiles.filter { versions.contains($0.key) })
        var evaluated: [PolicyVersion: EvaluationReport] = [:]
        for case .evaluated(let report) in simulation.log { evaluated[report.version] = report }
        #expect(expected.allSatisfy { evaluated[$0.version] == $0 })
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
        // A lie may be lost with its disk before it is found out.
        for group in simulation.ledger.acknowledged where Simulation.refusals(of: [group]).isEmpty {
            var trained = simulation.ledger.trained[group.id.step]?[Int(group.id.slot)]
            // Trained again from an earlier copy, it may have come another time.
            if simulation.ledger.restorations > 0 { trained?.attempt = group.attempt }
            #expect(trained == group, "\(group.id) was acknowledged and not trained")
        }
    }
}
