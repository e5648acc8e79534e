package import EADCore
package import Foundation

/// One line of an evaluation's file: a response to a held-out problem, with its score.
package struct EvaluationRecord: Hashable, Sendable, Codable {
    package var version: UInt64
    /// The problem's place among the held-out ones.
    package var problem: UInt32
    /// The response's place among those to its problem.
    package var sample: Int
    package var greedy: Bool
    /// 0 without a score, as is `strictReward`.
    package var reward: Float
    package var strictReward: Float
    /// False if the verifier failed on the response.
    package var isScored: Bool
    package var tokens: UInt32
    /// The answer the verifier read from the response; nil when it read none.
    package var prediction: String?
    package var answer: String
    package var prompt: String
    package var response: String

    private enum CodingKeys: String, CodingKey {
        case version, problem, sample, greedy, reward, strictReward = "strict_reward", isScored = "scored", tokens,
            prediction, answer
        case prompt, response
    }

    package init(version: PolicyVersion, problem: Problem, sample: Int, _ evaluated: EvaluatedSample) {
        self.version = version.rawValue
        self.problem = problem.index
        self.sample = sample
        self.greedy = evaluated.greedy
        self.reward = evaluated.verdict?.reward ?? 0
        self.strictReward = evaluated.verdict?.strictReward ?? 0
        self.isScored = evaluated.verdict != nil
        self.tokens = evaluated.tokens
        self.prediction = evaluated.verdict?.prediction
        self.answer = problem.answer
        self.prompt = problem.prompt
        self.response = evaluated.text
    }

    /// The records of all responses to one problem, in their order.
    package static func records(
        version: PolicyVersion, problem: Problem, _ samples: [EvaluatedSample]
    ) -> [EvaluationRecord] {
        samples.enumerated().map { EvaluationRecord(version: version, problem: problem, sample: $0, $1) }
    }

    /// The contents of a file: a line per record.
    package static func lines(_ records: [EvaluationRecord]) -> Data { JSONLines.data(records) }
}
