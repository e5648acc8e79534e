import EADAlgorithms
import EADCore
import EADSampling
import EADTestKit
import Testing

@testable import EADReport

struct ArmTests {
    @Test func runsOfOneScheduleAndAlgorithmFormAnArmBySeed() {
        let arms = Arm.group([
            Runs.run("b", seed: 2), Runs.run("cold", schedule: .constant(0.6)), Runs.run("a", seed: 1),
        ])
        #expect(arms.map(\.label) == ["EAD", "\u{03C4} 0.6"])
        #expect(arms.map(\.fullLabel) == ["EAD \u{00B7} grpo", "\u{03C4} 0.6 \u{00B7} grpo"])
        #expect(arms[0].runs.map(\.name) == ["a", "b"])
        #expect(arms.map(\.style) == [.category(colour: 0, dashes: 0), .category(colour: 1, dashes: 0)])
    }

    @Test func theCorrectionBelongsToTheSchedule() {
        var corrected = AlgorithmConfiguration()
        corrected.correction = .tokenTruncated
        let arms = Arm.group([
            Runs.run(algorithm: corrected), Runs.run(), Runs.run(algorithm: AlgorithmPreset.dapo.configuration),
        ])
        #expect(arms.map(\.schedule) == ["EAD + TIS", "EAD", "EAD"])
        #expect(arms.map(\.algorithm) == ["grpo", "grpo", "dapo"])
        #expect(arms.map(\.label) == ["EAD + TIS \u{00B7} grpo", "EAD \u{00B7} grpo", "EAD \u{00B7} dapo"])
    }

    @Test func everyPresetHasItsName() {
        let runs = AlgorithmPreset.allCases.map { Runs.run(algorithm: $0.configuration) }
        #expect(Arm.group(runs).map(\.algorithm) == AlgorithmPreset.allCases.map(\.rawValue))
    }

    @Test func whatWouldHaveTheSameNameIsToldApartByItsSettings() {
        var wide = AlgorithmConfiguration()
        wide.advantage = .rloo
        wide.clipHigh = 0.28
        var wider = wide
        wider.clipHigh = 0.4
        let arms = Arm.group([
            Runs.run(algorithm: wide, settings: ["algorithm.clip_high": "0.28", "sampling.schedule.d_0": "16"]),
            Runs.run(algorithm: wider, settings: ["algorithm.clip_high": "0.4", "sampling.schedule.d_0": "25"]),
        ])
        #expect(arms.map(\.algorithm) == ["rloo, clip_high 0.28", "rloo, clip_high 0.4"])
        #expect(arms.map(\.schedule) == ["EAD, d_0 16", "EAD, d_0 25"])
    }

    /// A mean over runs of unequal settings would be a figure of nothing.
    @Test func runsThatDifferInAnythingThatResultsDependOnAreDifferentArms() {
        func settings(_ rate: String, seed: String, more: [String: String] = [:]) -> [String: String] {
            [
                "training.learning_rate": rate, "run.seed": seed, "run.name": "run-\(seed)", "run.steps": seed,
                "evaluation.samples": seed, "nodes.learner.endpoint": "host-\(seed)",
            ].merging(more) { $1 }
        }
        let arms = Arm.group([
            Runs.run("a", seed: 1, settings: settings("1e-05", seed: "1")),
            Runs.run("b", seed: 2, settings: settings("1e-05", seed: "2")),
            Runs.run("c", seed: 3, settings: settings("2e-05", seed: "3")),
            Runs.run("d", seed: 4, settings: settings("2e-05", seed: "4", more: ["task.held_out": "9"])),
        ])
        #expect(arms.map { $0.runs.map(\.name) } == [["a", "b"], ["c"], ["d"]])
        #expect(
            arms.map(\.algorithm) == [
                "grpo, held_out not set, learning_rate 1e-05", "grpo, held_out not set, learning_rate 2e-05",
                "grpo, held_out 9, learning_rate 2e-05",
            ])
    }

    @Test func scoresAreComparedAtStepsThatAllRunsHave() throws {
        let early = Runs.run("a", records: [0, 2, 4].map { Runs.evaluation($0, ["mean": 0.5]) })
        let late = Runs.run("b", seed: 2, records: [2, 4, 6].map { Runs.evaluation($0, ["mean": 0.5]) })
        let steps = try #require(Arm.group([early, late])[0].evaluatedSteps)
        #expect(steps.first == 2 && steps.last == 4)
        #expect(Arm.group([Runs.run(records: [])])[0].evaluatedSteps == nil)
    }
}
