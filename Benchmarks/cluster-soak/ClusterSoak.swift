import ArgumentParser
import EADSimulation
import Foundation
import Glibc

/// Clusters in virtual time, drawn from seeds, for as long as one likes; or one of them again.
@main
struct ClusterSoak: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster-soak",
        abstract: "Simulates clusters in which anything goes wrong, and says which promise was broken.")

    @Option(help: "How long it draws clusters.") var seconds = 60.0
    @Option(help: "The first seed.") var seed: UInt64 = 1_000_000
    @Option(help: "Run this one alone: a line that a failure printed.") var scenario: String?

    @Flag(help: "For each promise, how much it takes to find a cluster that breaks it.") var mutants = false

    func run() throws {
        if let text = self.scenario {
            guard let scenario = Scenario(text) else { throw ValidationError("no scenario: \(text)") }
            let simulation = scenario.run()
            let broken = simulation.brokenPromises
            print("trace \(simulation.trace)")
            for promise in broken { print("broken: \(promise)") }
            if !broken.isEmpty { throw ExitCode.failure }
        } else if self.mutants {
            self.hunt()
        } else if self.soak() > 0 {
            throw ExitCode.failure
        }
    }

    /// As many seeds as there is time for; how many of them broke a promise.
    private func soak() -> Int {
        let (start, processorStart) = (ContinuousClock.now, clock())
        var (seed, fired, failures) = (self.seed, [String: Int](), 0)
        while ContinuousClock.now - start < .seconds(self.seconds), failures < 5 {
            let scenario = Scenario(drawnFrom: seed)
            let simulation = scenario.run()
            fired.merge(simulation.witnesses, uniquingKeysWith: +)
            if let broken = simulation.brokenPromises.first {
                failures += 1
                print("seed \(seed): \(broken)\n\(scenario.reproduction)")
            }
            seed += 1
        }
        // Of processor time: whatever else the machine does meanwhile.
        let hours = Double(clock() - processorStart) / Double(CLOCKS_PER_SEC) / 3600
        let runs = seed - self.seed
        print(
            "\(runs) runs from seed \(self.seed) on, \(Int(Double(runs) / hours)) per core and hour, \(failures) failed"
        )
        for (name, count) in fired.sorted(by: { $0.key < $1.key }) { print("  \(name): \(count)") }
        return failures
    }

    /// Draws clusters that break a promise on purpose, each for its share of the time.
    private func hunt() {
        let mutants = Simulation.Mutant.allCases
        for mutant in mutants {
            let start = clock()
            let end = start + Int(self.seconds * Double(CLOCKS_PER_SEC)) / mutants.count
            var (seed, found) = (self.seed, 0)
            while clock() < end {
                if !Scenario(drawnFrom: seed, mutant: mutant).run().brokenPromises.isEmpty { found += 1 }
                seed += 1
            }
            let milliseconds = Double(clock() - start) * 1000 / Double(CLOCKS_PER_SEC)
            let price = found > 0 ? "one in \(Int(milliseconds) / found) ms of processor time" : "none"
            print("\(mutant): found out in \(found) of \(seed - self.seed) runs, \(price)")
        }
    }
}
