import EADAlgorithms
import Foundation
import Testing

@testable import EADConfiguration

/// The learning rate's schedule in a cluster file.
@Suite struct LearningRateSettingTests {
    private func text(_ training: String, steps: Int = 1) -> String {
        ProblemTests.small.replacing("learning_rate: 1.0e-6", with: "learning_rate: 1.0e-6, " + training)
            .replacing("steps: 1", with: "steps: \(steps)")
    }

    @Test func aDecayEndsWithTheRunAndStaysThereWhenTheRunIsGivenMoreSteps() throws {
        let before = try reading(self.text("schedule: cosine, warmup_steps: 2", steps: 40)).get()
        #expect(before.training.decaySteps == 40)
        #expect(
            before.training.learningRateSchedule
                == LearningRateSchedule(shape: .cosine, peak: 1e-6, warmupSteps: 2, decaySteps: 40))
        let longer = try reading(self.text("schedule: cosine, warmup_steps: 2", steps: 60)).get()
        #expect(
            longer.lastingDifferences(from: before).map(\.description) == ["training.decay_steps was 40, is 60"])
        let written = try reading(self.text("schedule: cosine, warmup_steps: 2, decay_steps: 40", steps: 60)).get()
        #expect(written.lastingHash == before.lastingHash)
    }

    @Test func aConstantRateHasNoDecay() throws {
        let before = try reading(self.text("warmup_steps: 2", steps: 40)).get()
        let longer = try reading(self.text("warmup_steps: 2", steps: 60)).get()
        #expect(longer.lastingHash == before.lastingHash)
        let problems = problems(of: self.text("decay_steps: 9"))
        #expect(problems.contains("decay_steps"), "\(problems)")
    }

    @Test(arguments: ["schedule: linear, warmup_steps: 40", "schedule: cosine, warmup_steps: 9, decay_steps: 9"])
    func aWarmUpEndsBeforeTheDecay(_ training: String) {
        let problems = problems(of: self.text(training, steps: 40))
        #expect(problems.contains("training.warmup_steps: must be below training.decay_steps"), "\(problems)")
    }

    private func problems(of text: String) -> String {
        guard case .failure(let error) = reading(text) else { return "" }
        return error.description
    }
}
