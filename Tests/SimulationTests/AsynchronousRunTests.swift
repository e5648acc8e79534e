import EADAlgorithms
import EADController
import EADCore
import EADEvaluation
import EADMessages
import EADProtocol
import Testing

/// Runs whose groups may be sampled with older policies: what they make depends on who sampled what when, so each is held
/// to its own record instead of to the calm run.
@Suite struct AsynchronousRunTests {
    private static let bounds: [UInt64] = [0, 1, 2, 4]
    /// Of each bound and kind of fault.
    private static let seeds = max(Simulation.seeds / 6, 1)

    @Test(arguments: bounds, [1, 3, 8]) func aCalmRunKeepsItsPromises(bound: UInt64, workers: Int) {
        let simulation = self.run(1, bound, workers: workers, .none)
        let ages = simulation.ledger.trained.values.flatMap { $0 }.map(Simulation.age)
        #expect(ages.allSatisfy { $0 <= bound })
        #expect(bound == 0 || ages.contains { $0 > 0 }, "nobody sampled ahead")
    }

    @Test(arguments: bounds, 0..<seeds) func deathsOfAnyRoleBreakNoPromise(bound: UInt64, seed: UInt64) {
        _ = self.run(20_000 + seed, bound, .init(death: 0.03, doubleDeath: 0.02))
    }

    @Test(arguments: bounds, 0..<seeds) func aDeathBetweenAnyTwoEffectsBreaksNoPromise(bound: UInt64, seed: UInt64) {
        _ = self.run(21_000 + seed, bound, .init(tear: 0.01))
    }

    @Test(arguments: bounds, 0..<seeds) func aFrozenProcessThatGoesOnBreaksNoPromise(bound: UInt64, seed: UInt64) {
        _ = self.run(22_000 + seed, bound, .init(pause: 0.02))
    }

    @Test(arguments: bounds, 0..<seeds) func lossDuplicationAndCutsBreakNoPromise(bound: UInt64, seed: UInt64) {
        _ = self.run(23_000 + seed, bound, .init(loss: 0.05, duplication: 0.05, echo: 0.1, cut: 0.01, linkCut: 0.02))
    }

    @Test(arguments: bounds, 0..<seeds) func liarsAndDeathsBreakNoPromise(bound: UInt64, seed: UInt64) {
        _ = self.run(24_000 + seed, bound, .init(death: 0.01, doubleDeath: 0.005, tear: 0.002, loss: 0.02, liars: 1))
    }

    @Test(arguments: bounds, 0..<seeds) func filesThatGoBackToAnEarlierCopyBreakNoPromise(bound: UInt64, seed: UInt64) {
        _ = self.run(25_000 + seed, bound, .init(death: 0.02, doubleDeath: 0.01, oldFiles: 0.5))
    }

    @Test(arguments: bounds, 0..<seeds) func lettersOfEarlierLivesAndNonsenseBreakNoPromise(bound: UInt64, seed: UInt64)
    {
        _ = self.run(
            26_000 + seed, bound,
            .init(death: 0.03, doubleDeath: 0.01, late: 0.7, echo: 0.2, nonsense: 0.3, failing: Int(seed % 2)))
    }

    @Test(arguments: bounds, 0..<seeds) func everythingAtOnceBreaksNoPromise(bound: UInt64, seed: UInt64) {
        let severity = Double(1 + seed % 4)
        _ = self.run(27_000 + seed, bound, Self.everything(severity))
    }

    @Test(arguments: bounds, 0..<seeds) func filteredStepsAreMadeOfTheirOwnSlots(bound: UInt64, seed: UInt64) {
        for limit in [40, 8] {
            _ = self.run(
                28_000 + seed, bound, limit: limit, filter: .mixed, Self.everything(Double(seed % 3)))
        }
    }

    private static func everything(_ severity: Double) -> Simulation.Faults {
        .init(
            death: 0.01 * severity, doubleDeath: 0.003 * severity, tear: 0.001 * severity, pause: 0.003 * severity,
            loss: 0.03 * severity, duplication: 0.03 * severity, echo: 0.1, cut: 0.01 * severity)
    }

    // MARK: Mutants

    @Test func aClusterThatTakesPoliciesTooOldIsNoticed() {
        var simulation = Simulation(
            seed: 1, workers: 3, settings: Simulation.settings(workers: 3, bound: 2), faults: .none)
        simulation.gate = StalenessGate(bound: 1)
        simulation.run()
        #expect(simulation.ledger.violations.contains { $0.contains("was accepted of version") })
        #expect(simulation.ledger.violations.contains { $0.contains("was offered") })
    }

    @Test func aLearnerThatAcknowledgesWhatItDidNotWriteIsNoticed() {
        var simulation = Simulation(
            seed: 1, workers: 3, settings: Simulation.settings(workers: 3, bound: 2), faults: .init(skippedWrites: 0.1))
        simulation.run(limit: .seconds(100))
        #expect(simulation.ledger.violations.contains { $0.contains("is not on disk") })
    }

    // MARK: Expectations

    private func run(
        _ seed: UInt64, _ bound: UInt64, workers: Int = 3, limit: Int = 4, filter: GroupFilter = .none,
        _ faults: Simulation.Faults
    ) -> Simulation {
        var settings = Simulation.settings(workers: workers, maximumSlots: limit, bound: bound)
        settings.terms.maximumAttempts = 1000
        var simulation = Simulation(seed: seed, workers: workers, settings: settings, filter: filter, faults: faults)
        simulation.run()
        self.expectPromises(simulation)
        return simulation
    }

    private func expectPromises(_ simulation: Simulation) {
        let state = simulation.summary
        let steps = simulation.settings.plan.steps
        #expect(simulation.finished && simulation.snapshot.finished, "\(state)")
        #expect(simulation.disk.checkpoint.step.rawValue == steps, "\(state)")
        #expect(simulation.ledger.violations == [])
        #expect(simulation.ledger.trained.count == Int(steps))
        // What was trained, folded from the first weights, gives the last ones.
        var weights: [UInt64] = [17]
        for step in 0..<steps {
            let groups = simulation.ledger.trained[GlobalStep(step)] ?? []
            weights.append(Simulation.weights(weights[Int(step)], trainedOn: groups))
        }
        #expect(simulation.disk.checkpoint.weights == weights.last, "\(state)")
        for step in 0..<steps { self.expectStep(GlobalStep(step), of: simulation, weights) }
        self.expectReports(of: simulation, weights)
        self.expectEvaluations(of: simulation, weights)
        guard simulation.ledger.restorations == 0 else { return }
        for group in simulation.ledger.acknowledged {
            let held = simulation.ledger.journalled[group.id.step]?[group.id.slot]
            #expect(held?.rollouts == group.rollouts, "\(group.id) was acknowledged and is not in the run")
        }
    }

    /// Its slots are its own, every prompt comes once, each group is what its version gives, and the filter's are trained.
    private func expectStep(_ step: GlobalStep, of simulation: Simulation, _ weights: [UInt64]) {
        let curriculum = simulation.settings.curriculum
        let trained = simulation.ledger.trained[step] ?? []
        let sampled = (simulation.ledger.journalled[step] ?? [:]).values.sorted { $0.id < $1.id }
        #expect(sampled.map(\.id.slot) == Array(0..<UInt32(sampled.count)))
        #expect(sampled.map(\.problem) == curriculum.items(of: step, count: sampled.count).map(\.problem.index))
        #expect(sampled.allSatisfy { Simulation.age($0) <= simulation.gate.bound })
        let keeps: (RolloutGroup) -> Bool = { simulation.filter == .none || Set($0.rewards).count > 1 }
        let count = min(curriculum.order.promptsPerStep + sampled.count { !keeps($0) }, curriculum.maximumSlots)
        #expect(sampled.count == count)
        guard !simulation.ledger.hasOtherPast else { return }
        #expect(trained.map(\.rollouts) == sampled.filter(keeps).map(\.rollouts))
        for group in sampled {
            let lease = Lease(
                group: group.id, attempt: 1, oldestVersion: group.policyVersion,
                problem: curriculum.problems[Int(group.problem)], samples: curriculum.samples,
                seed: curriculum.items(of: step, count: sampled.count)[Int(group.id.slot)].seed, duration: .zero)
            let chunks = Simulation.chunks(of: weights[Int(group.policyVersion.rawValue)])
            #expect(Simulation.rollouts(lease, (group.policyVersion, chunks)).rollouts == group.rollouts, "\(group.id)")
        }
    }

    private func expectReports(of simulation: Simulation, _ weights: [UInt64]) {
        var reports: [GlobalStep: StepReport] = [:]
        for case .stepped(let report) in simulation.log { reports[report.step] = report }
        for step in 0..<simulation.settings.plan.steps {
            guard let report = reports[GlobalStep(step)] else {
                // The reports of steps that a learner trained in an earlier life, but for its last, are not made again.
                #expect(simulation.ledger.deaths > 0, "step \(step) was not reported")
                continue
            }
            // Of a step trained again in another past, the report may be the one of the first time.
            guard !simulation.ledger.hasOtherPast else { continue }
            #expect(report.rootHash == Simulation.chunks(of: weights[Int(step) + 1])[0], "step \(step)")
        }
    }

    /// The evaluations are of the weights of their versions: nobody answered with others, and training waited.
    private func expectEvaluations(of simulation: Simulation, _ weights: [UInt64]) {
        let made = simulation.snapshot.evaluations.map(\.version.rawValue)
        let steps = simulation.settings.plan.steps
        #expect(made == [0, steps] || (simulation.ledger.restorations > 0 && made.contains(steps)))
        for version in made {
            let problems = simulation.settings.heldOut
            let expected = problems.indices.map { slot in
                let lease = Lease(
                    group: GroupID(purpose: .evaluation, step: GlobalStep(version), slot: UInt32(slot)), attempt: 1,
                    oldestVersion: PolicyVersion(version), problem: problems[slot],
                    samples: simulation.settings.evaluationSamples, seed: simulation.settings.curriculum.seed,
                    duration: .zero)
                let chunks = Simulation.chunks(of: weights[Int(version)])
                return Simulation.rollouts(lease, (lease.oldestVersion, chunks)).rollouts.map { "\($0.trace.tokens)" }
            }
            let found = simulation.evaluationFiles[PolicyVersion(version)]?.map { $0.samples.map(\.text) }
            #expect(found == expected, "the evaluation of version \(version)")
        }
    }
}

extension Simulation {
    /// By how many versions the policy of a group was older than its step.
    static func age(_ group: RolloutGroup) -> UInt64 {
        group.id.step.startVersion.rawValue - group.policyVersion.rawValue
    }
}
