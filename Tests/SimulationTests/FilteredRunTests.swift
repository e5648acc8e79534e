import EADAlgorithms
import EADController
import EADCore
import EADProtocol
import Testing

@testable import EADSimulation

/// Runs whose learner replaces groups of equal rewards, which are half of all here.
@Suite struct FilteredRunTests {
    /// Groups per step at most: as good as no limit, one that some steps reach, and one without replacements.
    private static let limits = [40, 8, 4]

    @Test(arguments: limits, [1, 3, 8]) func theNumberOfWorkersChangesNothing(limit: Int, workers: Int) {
        self.expectGroupsOfTheSlots(of: self.run(1, workers: workers, limit, .none))
    }

    @Test(arguments: limits, 0..<Simulation.seeds) func deathsOfAnyRoleChangeNothing(limit: Int, seed: UInt64) {
        self.expectGroupsOfTheSlots(of: self.run(6000 + seed, limit, .init(death: 0.03, doubleDeath: 0.02)))
    }

    @Test(arguments: limits, 0..<Simulation.seeds)
    func aDeathBetweenAnyTwoEffectsChangesNothing(limit: Int, seed: UInt64) {
        self.expectGroupsOfTheSlots(of: self.run(7000 + seed, limit, .init(tear: 0.01)))
    }

    @Test(arguments: limits, 0..<Simulation.seeds) func everythingAtOnceChangesNothing(limit: Int, seed: UInt64) {
        let severity = Double(1 + seed % 4)
        let faults = Simulation.Faults(
            death: 0.01 * severity, doubleDeath: 0.003 * severity, tear: 0.001 * severity, pause: 0.003 * severity,
            loss: 0.03 * severity, duplication: 0.03 * severity, echo: 0.1, cut: 0.01 * severity)
        self.expectGroupsOfTheSlots(of: self.run(8000 + seed, limit, faults))
    }

    @Test func aLearnerThatLosesItsDiskFillsTheSameStepsAgain() {
        for seed in 0..<Simulation.seeds {
            let simulation = self.simulation(9000 + seed, workers: 3, 40, .none)
            let counts = self.slots(simulation.settings).sampled.map(\.count)
            let largest = counts.indices.max { counts[$0] < counts[$1] }!
            // Well into a step, with replacements under way.
            func replaced() -> Int {
                let held = simulation.disk.journal[GlobalStep(UInt64(largest))]?.groups ?? []
                return held.count { $0.group.id.slot > 4 }
            }
            while replaced() < 2 { simulation.advance(.milliseconds(50)) }
            simulation.kill(Simulation.learnerNode)
            simulation.disk = Simulation.Disk()
            simulation.ledger.restorations += 1
            simulation.run()
            // Here the whole run goes back, and its workers with it.
            simulation.ledger.violations.removeAll { $0.contains("went back from policy") }
            self.expectGroupsOfTheSlots(of: simulation)
        }
    }

    // MARK: Expectations

    private func simulation(_ seed: UInt64, workers: Int, _ limit: Int, _ faults: Simulation.Faults) -> Simulation {
        Simulation(
            seed: seed, workers: workers, settings: Simulation.settings(workers: workers, maximumSlots: limit),
            filter: .mixed, faults: faults)
    }

    private func run(_ seed: UInt64, workers: Int = 3, _ limit: Int, _ faults: Simulation.Faults) -> Simulation {
        let simulation = self.simulation(seed, workers: workers, limit, faults)
        simulation.run()
        return simulation
    }

    /// A run without any cluster: slot after slot until the step has its groups, or all it may take.
    private func slots(_ settings: ControllerSettings) -> (sampled: [[RolloutGroup]], weights: UInt64) {
        var weights: UInt64 = 17
        var sampled: [[RolloutGroup]] = []
        let count = settings.curriculum.order.promptsPerStep
        for step in (0..<settings.plan.steps).map({ GlobalStep($0) }) {
            var groups: [RolloutGroup] = []
            while groups.count(where: Self.isMixed) < count, groups.count < settings.curriculum.maximumSlots {
                let slot = groups.count
                let other = settings.curriculum.replacements.candidates(of: step, count: max(0, slot - count + 1)).last
                let problem = slot < count ? settings.curriculum.order.problems(of: step)[slot] : other!.problem
                let lease = Lease(
                    group: GroupID(step: step, slot: UInt32(slot)), attempt: 1,
                    oldestVersion: step.startVersion, problem: settings.curriculum.problems[Int(problem)],
                    samples: settings.curriculum.samples, seed: slot < count ? settings.curriculum.seed : other!.seed,
                    duration: .zero)
                groups.append(Simulation.rollouts(lease, (lease.oldestVersion, Simulation.chunks(of: weights))))
            }
            weights = Simulation.weights(weights, trainedOn: groups.filter(Self.isMixed))
            sampled.append(groups)
        }
        return (sampled, weights)
    }

    private static func isMixed(_ group: RolloutGroup) -> Bool { Set(group.rewards).count > 1 }

    private func expectGroupsOfTheSlots(of simulation: Simulation) {
        let expected = self.slots(simulation.settings)
        let state = "\(simulation.elapsed): \(String(describing: simulation.controller?.snapshot))"
        #expect(simulation.snapshot.finished && simulation.finished, "\(state)")
        #expect(simulation.ledger.violations == [])
        #expect(simulation.disk.checkpoint.weights == expected.weights, "\(state)")
        #expect(simulation.ledger.trained.count == expected.sampled.count)
        for (number, groups) in expected.sampled.enumerated() {
            let step = GlobalStep(UInt64(number))
            let journalled = (simulation.ledger.journalled[step] ?? [:]).values.sorted { $0.id < $1.id }
            #expect(journalled == groups, "the groups of step \(step) that were accepted")
            let trained = (simulation.ledger.trained[step] ?? []).map { group in
                var group = group
                group.attempt = 1
                return group
            }
            #expect(trained == groups.filter(Self.isMixed), "the groups of step \(step) that were trained")
        }
        // Otherwise there would be nothing to see here.
        let limit = simulation.settings.curriculum.maximumSlots
        #expect(expected.sampled.contains { !$0.allSatisfy(Self.isMixed) })
        #expect(limit == 40 || expected.sampled.contains { $0.count == limit && $0.count(where: Self.isMixed) < 4 })
        #expect(limit == 4 || expected.sampled.contains { $0.count > 4 })
        if limit == 40 { #expect(expected.sampled.contains { $0.count > 11 }, "a second round") }
    }
}
