import EADCore
import EADEvaluation
import EADTestKit
import Foundation
import Testing

@Suite struct StatisticsTests {
    /// One evaluation of scripts/reference/evaluation.py with the figures it found by brute force.
    private struct Golden: Decodable {
        struct Response: Decodable {
            var greedy: Bool
            var prediction: String?
            var reward: Float
            var strict: Float
            var scored: Bool
            var tokens: UInt32
        }

        var problems: [[Response]]
        var values: MetricValues

        var graded: [GradedProblem] {
            self.problems.enumerated().map { index, responses in
                GradedProblem(
                    problem: Problem(index: UInt32(index), prompt: "", answer: "7"),
                    samples: responses.map {
                        EvaluatedSample(
                            greedy: $0.greedy,
                            verdict: $0.scored
                                ? Verdict(reward: $0.reward, strictReward: $0.strict, prediction: $0.prediction) : nil,
                            tokens: $0.tokens, text: "")
                    })
            }
        }
    }

    private func golden() throws -> [Golden] {
        let url = Bundle.module.bundleURL.appending(path: "Fixtures/statistics.json")
        return try JSONDecoder().decode([Golden].self, from: Data(contentsOf: url))
    }

    private func graded(_ samples: [EvaluatedSample]) -> GradedProblem {
        GradedProblem(problem: Problem(index: 0, prompt: "", answer: ""), samples: samples)
    }

    private func sample(_ reward: Float, greedy: Bool = false) -> EvaluatedSample {
        EvaluatedSample(greedy: greedy, verdict: Verdict(reward: reward, strictReward: 0), tokens: 3, text: "")
    }

    @Test func everyFigureIsThatOfTheBruteForceReference() throws {
        for golden in try self.golden() {
            let values = EvaluationStatistics(golden.graded).values
            #expect(Set(values.keys) == Set(golden.values.keys))
            for (name, value) in golden.values {
                #expect(abs((values[name] ?? .nan) - value) < 1e-12, "\(name)")
            }
        }
    }

    @Test func theOrderOfTheResponsesChangesNoFigure() throws {
        for golden in try self.golden() {
            var turned = golden.graded
            for index in turned.indices { turned[index].samples.reverse() }
            let (values, other) = (EvaluationStatistics(golden.graded).values, EvaluationStatistics(turned).values)
            #expect(values.allSatisfy { abs($0.value - (other[$0.key] ?? .nan)) < 1e-12 })
        }
    }

    @Test func anIntervalHoldsItsFigureAndEqualProblemsHaveNoSpread() {
        let spread = EvaluationStatistics((0..<40).map { self.graded([self.sample($0 % 4 == 0 ? 1 : 0)]) }).values
        #expect(spread["mean"] == 0.25)
        #expect((spread["mean_low"] ?? 1) < 0.25 && (spread["mean_high"] ?? 0) > 0.25)
        let equal = EvaluationStatistics((0..<5).map { _ in self.graded([self.sample(1), self.sample(0)]) }).values
        #expect(equal["mean_low"] == 0.5 && equal["mean_high"] == 0.5)
    }

    @Test func figuresWithoutResponsesToMeasureThemAreLeftOut() {
        let greedy = EvaluationStatistics([self.graded([self.sample(1, greedy: true)])]).values
        #expect(
            Set(greedy.keys) == [
                "problems", "samples", "unscored_responses", "greedy_accuracy", "greedy_accuracy_low",
                "greedy_accuracy_high",
                "strict_greedy_accuracy", "response_tokens_mean",
            ])
        #expect(greedy["response_tokens_mean"] == 3 && greedy["samples"] == 0)
        let drawn = EvaluationStatistics([self.graded([self.sample(1), self.sample(0)])]).values
        #expect(drawn["pass_at_2"] == 1 && drawn["maj_at_2"] == nil && drawn["greedy_accuracy"] == nil)
    }

    @Test func figuresAreGivenForThePowersOfTwoAndForAllResponses() {
        #expect(EvaluationStatistics.sizes(upTo: 0) == [])
        #expect(EvaluationStatistics.sizes(upTo: 1) == [1])
        #expect(EvaluationStatistics.sizes(upTo: 6) == [1, 2, 4, 6])
        #expect(EvaluationStatistics.sizes(upTo: 8) == [1, 2, 4, 8])
    }
}
