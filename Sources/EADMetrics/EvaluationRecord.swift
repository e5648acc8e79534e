public import EADCore
public import Foundation

/// One line of an evaluation's file: a response to a held-out problem, with its score.
public struct EvaluationRecord: Hashable, Sendable, Codable {
    public var version: UInt64
    /// The problem's place among the held-out ones.
    public var problem: UInt32
    /// The response's place among those to its problem.
    public var sample: Int
    public var greedy: Bool
    public var reward: Float
    public var strictReward: Float
    /// False if the verifier failed on the response.
    public var isScored: Bool
    public var tokens: UInt32
    /// The answer the verifier read from the response; nil when it read none.
    public var prediction: String?
    public var answer: String
    public var prompt: String
    public var response: String

    private enum CodingKeys: String, CodingKey {
        case version, problem, sample, greedy, reward, strictReward = "strict_reward", isScored = "scored", tokens,
            prediction, answer
        case prompt, response
    }

    public init(version: PolicyVersion, problem: Problem, sample: Int, _ evaluated: EvaluatedSample) {
        self.version = version.rawValue
        self.problem = problem.index
        self.sample = sample
        self.greedy = evaluated.greedy
        self.reward = evaluated.reward
        self.strictReward = evaluated.strictReward
        self.isScored = evaluated.isScored
        self.tokens = evaluated.tokens
        self.prediction = evaluated.prediction
        self.answer = problem.answer
        self.prompt = problem.prompt
        self.response = evaluated.text
    }

    /// The records of all responses to one problem, in their order.
    public static func records(
        version: PolicyVersion, problem: Problem, _ samples: [EvaluatedSample]
    ) -> [EvaluationRecord] {
        samples.enumerated().map { EvaluationRecord(version: version, problem: problem, sample: $0, $1) }
    }

    /// The contents of a file: a line per record.
    public static func lines(_ records: [EvaluationRecord]) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var data = Data()
        for record in records {
            do {
                data += try encoder.encode(record) + [UInt8(ascii: "\n")]
            } catch {
                preconditionFailure("texts and finite numbers are always encodable: \(error)")
            }
        }
        return data
    }
}
