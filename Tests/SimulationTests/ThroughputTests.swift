import EADAlgorithms
import EADConfiguration
import EADController
import EADCore
import EADProtocol
import Testing

@testable import EADSimulation

/// Steps per virtual hour: what a staleness bound gains where the learner is as fast as its four workers.
@Suite struct ThroughputTests {
    private static let workers = 4
    private static let groups = 32
    private static let samples = 8
    private static let decoding = SimulatedDecoding(workers: workers, tokensPerStep: Double(groups * samples) * 128)

    @Test func aBoundOfTwoWithPinnedVersionsMakesSeventeenStepsInTheTimeOfTen() {
        let gain = Self.gain(2, .pinned)
        print("k = 2, pinned: \(gain)")
        #expect(gain >= 1.7)
    }

    @Test func aBoundOfFourWithSwapsInFlightMakesTwentyFourStepsInTheTimeOfTen() {
        let gain = Self.gain(4, .keep)
        print("k = 4, keep: \(gain)")
        #expect(gain >= 2.4)
    }

    private static let synchronous = Self.secondsPerStep(0, .pinned)

    private static func gain(_ bound: UInt64, _ swap: TrainingConfiguration.WeightSwap) -> Double {
        Self.synchronous / Self.secondsPerStep(bound, swap)
    }

    private static func secondsPerStep(_ bound: UInt64, _ swap: TrainingConfiguration.WeightSwap) -> Double {
        var settings = Simulation.settings(workers: Self.workers, bound: bound)
        let problems = (0..<64).map { Problem(index: UInt32($0), prompt: "\($0)", answer: "") }
        let order = ProblemOrder(problemCount: problems.count, promptsPerStep: Self.groups) { count, _ in
            Array(0..<UInt32(count))
        }
        settings.curriculum = Curriculum(
            problems: problems, order: order,
            replacements: ReplacementOrder(order) {
                $0
            } permutation: { count, _, _ in
                Array(0..<UInt32(count))
            },
            maximumSlots: Self.groups, samples: UInt32(Self.samples), seed: 5)
        settings.plan = RunPlan(steps: 40, evaluatesBefore: false, evaluatesAfter: false)
        settings.terms.duration = .seconds(600)
        let simulation = Simulation(seed: 1, workers: Self.workers, settings: settings, faults: .none)
        simulation.weightSwap = swap
        simulation.decoding = Self.decoding
        // From when all lanes are full until before the window ends with the run.
        let instants = [8, 32].map { step in
            while (simulation.controller?.snapshot.step.rawValue ?? 0) < step {
                simulation.advance(.milliseconds(100))
            }
            return simulation.elapsed / .seconds(1)
        }
        #expect(simulation.ledger.violations == [])
        return (instants[1] - instants[0]) / 24
    }
}
