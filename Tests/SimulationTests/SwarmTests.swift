import EADConfiguration
import EADCore
import EADProtocol
import EADTestKit
import Foundation
import Glibc
import Testing

/// Runs drawn from seeds: any bound, any number of workers, any kinds of faults together.
@Suite struct SwarmTests {
    private static let environment = ProcessInfo.processInfo.environment

    @Test(arguments: 0..<Simulation.seeds * 4) func aRunDrawnAtRandomBreaksNoPromise(seed: UInt64) {
        let scenario = Scenario(drawnFrom: seed)
        let broken = scenario.run().brokenPromises
        if !broken.isEmpty { Self.report(scenario, broken) }
        #expect(broken == [])
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
        let own = "trace \(scenario.run().trace)"
        #expect(scenario.run().trace != Scenario(drawnFrom: 78).run().trace)
        let other = Process()
        other.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        other.arguments = [
            "--testing-library", "swift-testing", "--filter", "SwarmTests.theScenarioOfTheEnvironment",
        ]
        other.environment = Self.environment.merging(["EAD_SCENARIO": scenario.description]) { $1 }
        let output = Pipe()
        other.standardOutput = output
        other.standardError = output
        try other.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        other.waitUntilExit()
        #expect(text.contains(own), "\(own), and elsewhere: \(text.suffix(2000))")
    }

    /// A line that a failure printed, in EAD_SCENARIO, is run again.
    @Test(.enabled(if: environment["EAD_SCENARIO"] != nil)) func theScenarioOfTheEnvironment() throws {
        let text = Self.environment["EAD_SCENARIO"] ?? ""
        let scenario = try #require(Scenario(text), "no scenario: \(text)")
        let simulation = scenario.run()
        print("trace \(simulation.trace)")
        #expect(simulation.brokenPromises == [])
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

    // MARK: Soak

    /// `make soak SECONDS=`: as many seeds as there is time for, from EAD_SOAK_SEED on.
    @Test(.enabled(if: environment["EAD_SOAK_SECONDS"] != nil)) func asManySeedsAsThereIsTimeFor() {
        let seconds = Double(Self.environment["EAD_SOAK_SECONDS"] ?? "") ?? 60
        let first = UInt64(Self.environment["EAD_SOAK_SEED"] ?? "") ?? 1_000_000
        let (start, processorStart) = (ContinuousClock.now, clock())
        var (seed, fired, failures) = (first, [String: Int](), 0)
        while ContinuousClock.now - start < .seconds(seconds), failures < 5 {
            let scenario = Scenario(drawnFrom: seed)
            let simulation = scenario.run()
            fired.merge(simulation.witnesses, uniquingKeysWith: +)
            let broken = simulation.brokenPromises
            if !broken.isEmpty {
                failures += 1
                Self.report(scenario, broken)
                Issue.record("\(scenario)")
            }
            seed += 1
        }
        // Of processor time: whatever else the machine does meanwhile.
        let hours = Double(clock() - processorStart) / Double(CLOCKS_PER_SEC) / 3600
        print(
            "\(seed - first) runs from seed \(first) on, \(Int(Double(seed - first) / hours)) per core and hour, \(failures) failed"
        )
        for (name, count) in fired.sorted(by: { $0.key < $1.key }) { print("  \(name): \(count)") }
    }

    /// How to have the same failure again, with as little as it takes.
    private static func report(_ scenario: Scenario, _ broken: [String]) {
        let smallest = scenario.smallest { !$0.run().brokenPromises.isEmpty }
        print("seed \(scenario.seed): \(broken[0])")
        print("EAD_SCENARIO='\(smallest)' swift test --filter SwarmTests.theScenarioOfTheEnvironment")
    }
}
