import EADCore
import EADEvaluation
import Testing

@testable import EADOperations

struct TaskCheckTests {
    @Test func lengthsAreWholeQuantiles() {
        let lengths = TokenLengths(Array((1...200).reversed()))
        #expect(lengths.median == 100 && lengths.p99 == 198 && lengths.max == 200)
        let one = TokenLengths([7])
        #expect(one.median == 7 && one.p99 == 7 && one.max == 7)
        #expect(TokenLengths([]).max == 0)
    }

    private func graded(_ rewards: [Float?]) -> GradedProblem {
        GradedProblem(
            problem: Problem(index: 0, prompt: "?", answer: "1"),
            samples: rewards.map { reward in
                EvaluatedSample(
                    greedy: false, verdict: reward.map { Verdict(reward: $0, strictReward: $0, prediction: nil) },
                    tokens: 3, text: "")
            })
    }

    @Test func onlyResponsesOfDifferentRewardsCanBeLearntFrom() {
        let share = LearnableShare([
            self.graded([1, 0, 0]), self.graded([1, 1]), self.graded([0, 0]), self.graded([0.5, 0]),
            self.graded([nil, 1]),
        ])
        #expect(
            share.problems == 5 && share.mixed == 2 && share.solved == 2 && share.failed == 2 && share.unscored == 1)
        #expect(share.meanReward == 0.45)
        #expect(LearnableShare([]).meanReward == nil)
    }

    @Test func whatWouldSteerATerminalIsSpeltOut() {
        #expect("a\u{1B}[2Jb\u{202E}c\nd".spelt == "a\\u{1b}[2Jb\\u{202e}c\nd")
        #expect("Zoë 数 👩‍🔬\t".spelt == "Zoë 数 👩‍🔬\t")
    }
}
