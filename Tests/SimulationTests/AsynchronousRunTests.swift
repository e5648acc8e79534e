import EADAlgorithms
import EADConfiguration
import EADController
import EADCore
import EADEvaluation
import EADMessages
import EADProtocol
import Testing

@testable import EADSimulation

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

    @Test(arguments: bounds.dropFirst(), 0..<seeds)
    func groupsThatGoOnWithNewerVersionsBreakNoPromise(bound: UInt64, seed: UInt64) {
        let calm = self.run(29_000 + seed, bound, swap: .keep, .none)
        #expect(calm.ledger.trained.values.contains { $0.contains(where: \.isMixed) }, "nobody went on")
        for limit in [4, 8] {
            _ = self.run(
                29_500 + seed, bound, limit: limit, filter: limit > 4 ? .mixed : .none, swap: .keep,
                Self.everything(Double(1 + seed % 4)))
        }
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
        let simulation = Simulation(
            seed: 1, workers: 3, settings: Simulation.settings(workers: 3, bound: 2), faults: .none)
        simulation.gate = StalenessGate(bound: 1)
        simulation.run()
        #expect(simulation.ledger.violations.contains { $0.contains("was accepted of version") })
        #expect(simulation.ledger.violations.contains { $0.contains("was offered") })
    }

    @Test func aLearnerThatAcknowledgesWhatItDidNotWriteIsNoticed() {
        let simulation = Simulation(
            seed: 1, workers: 3, settings: Simulation.settings(workers: 3, bound: 2),
            faults: .init(mutant: .skippedWrite))
        simulation.run(limit: .seconds(100))
        #expect(simulation.ledger.violations.contains { $0.contains("is not on disk") })
    }

    // MARK: Expectations

    private func run(
        _ seed: UInt64, _ bound: UInt64, workers: Int = 3, limit: Int = 4, filter: GroupFilter = .none,
        swap: TrainingConfiguration.WeightSwap = .pinned, _ faults: Simulation.Faults
    ) -> Simulation {
        var settings = Simulation.settings(workers: workers, maximumSlots: limit, bound: bound)
        settings.terms.maximumAttempts = 1000
        let simulation = Simulation(seed: seed, workers: workers, settings: settings, filter: filter, faults: faults)
        simulation.weightSwap = swap
        simulation.run()
        #expect(simulation.brokenPromises == [])
        return simulation
    }
}
