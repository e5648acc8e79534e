import EADConfiguration
import EADCore
import EADProtocol
import Foundation
import Testing

@testable import EADSimulation

/// Runs drawn from seeds: any bound, any number of workers, any kinds of faults together.
@Suite struct SwarmTests {
    @Test(arguments: 0..<Simulation.seeds * 4) func aRunDrawnAtRandomBreaksNoPromise(seed: UInt64) {
        let scenario = Scenario(drawnFrom: seed)
        let broken = scenario.run().brokenPromises
        if !broken.isEmpty { Issue.record("\(broken)\n\(scenario.reproduction)") }
    }

    @Test func aScenarioIsWrittenInALineAndReadBack() throws {
        for seed in 0..<100 as Range<UInt64> {
            var scenario = Scenario(drawnFrom: seed)
            if seed % 3 == 0 {
                scenario.mutant = Simulation.Mutant.allCases[Int(seed / 3) % Simulation.Mutant.allCases.count]
            }
            #expect(Scenario(scenario.description) == scenario)
        }
        for text in ["seed", "seed=x", "deaths=1", "death=often", "mutant=none", "seed=1=2"] {
            #expect(Scenario(text) == nil, "\(text)")
        }
    }

    /// Neither hashing nor the place of anything in memory may decide how a run goes.
    @Test func theSameScenarioGoesTheSameWayInAnotherProcess() throws {
        let scenario = Scenario(drawnFrom: 77)
        let own = scenario.run().trace
        #expect(own == scenario.run().trace && own != Scenario(drawnFrom: 78).run().trace)
        let other = Process()
        other.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "cluster-soak")
        other.arguments = ["--scenario", scenario.description]
        let output = Pipe()
        other.standardOutput = output
        try other.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        other.waitUntilExit()
        #expect(text == "trace \(own)\n")
        #expect(other.terminationStatus == 0)
    }

    // MARK: Mutants

    @Test(arguments: Simulation.Mutant.allCases) func aClusterThatBreaksAPromiseIsFoundOut(_ mutant: Simulation.Mutant)
    {
        let limit: UInt64 = 10_000
        let found = (0..<limit).first { seed in
            var scenario = Scenario(drawnFrom: 50_000 + seed)
            scenario.mutant = mutant
            return !scenario.run().brokenPromises.isEmpty
        }
        #expect(found != nil, "\(mutant) is not found out with \(limit) seeds")
        print("\(mutant) is found out with seed \(found ?? limit)")
    }

    @Test func aFailureIsShrunkToWhatItTakes() throws {
        var scenario = Scenario(drawnFrom: 11)
        scenario.rates = ["death": 0.01, "loss": 0.02, "echo": 0.1]
        scenario.numbers = ["latecomers": 1]
        scenario.swap = .pinned
        (scenario.workers, scenario.bound, scenario.mutant) = (4, 2, .skippedWrite)
        let smallest = scenario.smallest { $0.run().brokenPromises.contains { $0.contains("is not on disk") } }
        #expect(smallest.rates == [:] && smallest.numbers == [:] && smallest.workers == 1 && smallest.bound == 0)
        #expect(smallest.run().brokenPromises.contains { $0.contains("is not on disk") })
    }
}
