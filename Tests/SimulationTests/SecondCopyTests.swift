import EADController
import EADCore
import EADMessages
import EADProtocol
import EADTelemetry
import Testing

@testable import EADSimulation

/// Clusters with a slow worker, whose groups others take copies of when they have nothing else to do.
@Suite struct SecondCopyTests {
    private static let bounds: [UInt64] = [0, 1, 2, 4]

    /// Groups take long compared with everything else, and much longer at one worker of four.
    private func simulation(_ bound: UInt64, copies: Bool, slow: Int = 1, seed: UInt64 = 5) -> Simulation {
        var settings = Simulation.settings(workers: 4, bound: bound)
        settings.plan = RunPlan(steps: 30, evaluatesBefore: false, evaluatesAfter: false)
        settings.copiesSlowGroups = copies
        var faults = Simulation.Faults.none
        (faults.slow, faults.slowness) = (slow, 4)
        let simulation = Simulation(seed: seed, workers: 4, settings: settings, faults: faults)
        simulation.groupMilliseconds = 2000..<22_000
        simulation.run(limit: .seconds(20_000))
        return simulation
    }

    private func copies(_ simulation: Simulation) -> (begun: UInt64, won: UInt64) {
        let status = simulation.controller?.status(since: GlobalStep(.max), now: simulation.now)
        let counters = status?.counters ?? [:]
        return (counters[\.copiesBegun], counters[\.copiesWon])
    }

    @Test(arguments: bounds) func aSlowWorkersGroupsAreCopiedAndTheRunDoesNotWaitForIt(bound: UInt64) {
        let without = self.simulation(bound, copies: false)
        let with = self.simulation(bound, copies: true)
        #expect(without.finished && with.finished)
        #expect(with.ledger.violations == [] && without.ledger.violations == [])
        let gain = without.elapsed / with.elapsed
        print(
            "bound \(bound): \(without.elapsed / .seconds(1)) s, with copies \(with.elapsed / .seconds(1)) s: \(gain)")
        #expect(gain >= 1.5)
        #expect(self.copies(with).begun > 0 && self.copies(with).won > 0)
        #expect(self.copies(without) == (0, 0))
    }

    @Test(arguments: bounds) func equalWorkersNeverTakeCopiesOfEachOther(bound: UInt64) {
        let (with, without) = (
            self.simulation(bound, copies: true, slow: 0), self.simulation(bound, copies: false, slow: 0)
        )
        #expect(with.trace == without.trace)
        #expect(self.copies(with) == (0, 0))
        #expect(with.ledger.violations == [])
    }

    @Test func aSynchronousRunMakesTheSamePolicyWhoeverWins() {
        let weights = Set(
            [true, false].flatMap { copies in
                (UInt64(1)...3).map { self.simulation(0, copies: copies, seed: $0).disk.checkpoint.weights }
            })
        #expect(weights.count == 1)
    }

    /// The bar of the design: of a synchronous run that waits for its slowest, the time of one that does neither.
    @Test func oneSlowWorkerOfFourCostsAnAsynchronousRunLittle() {
        let slowest = (UInt64(1)...3).map { self.simulation(0, copies: false, seed: $0).elapsed }
        let quickest = (UInt64(1)...3).map { self.simulation(4, copies: true, seed: $0).elapsed }
        let gains = zip(slowest, quickest).map { $0 / $1 }
        print("k = 4 with copies, compared with k = 0 without: \(gains)")
        #expect(gains.allSatisfy { $0 >= 4 })
    }

    @Test(arguments: bounds, 0..<max(Simulation.seeds / 6, 1))
    func copiesAndEverythingElseAtOnceBreakNoPromise(bound: UInt64, seed: UInt64) {
        var scenario = Scenario()
        (scenario.seed, scenario.bound, scenario.workers) = (60_000 + seed, bound, 4)
        scenario.numbers = ["slow": 1 + Int(seed % 2)]
        scenario.rates = [
            "death": 0.01, "double_death": 0.003, "tear": 0.001, "pause": 0.003, "loss": 0.03, "duplication": 0.03,
            "echo": 0.1, "cut": 0.01, "drain": 0.005,
        ]
        #expect(scenario.run().brokenPromises == [])
    }
}
