import EADCore
import Foundation

/// The lines that go to a verifier program and come back, one JSON object each; docs/verifiers.md defines them.
enum VerifierLine {
    /// `{"id": ..., "prompt": ..., "response": ..., "answer": ..., "metadata": {...}}` and a line feed.
    static func request(_ id: UInt64, _ problem: Problem, response: String) -> [UInt8] {
        // The id comes first, so that a shell script can find it.
        let texts = [("prompt", problem.prompt), ("response", response), ("answer", problem.answer)]
        let fields = texts.map { ",\"\($0)\":\(JSONValue.quoted($1))" }.joined()
        let metadata = problem.metadata.isEmpty ? "{}" : problem.metadata
        return Array("{\"id\":\(id)\(fields),\"metadata\":\(metadata)}\n".utf8)
    }

    private struct Answer: Decodable {
        var id: UInt64
        var reward: Double
        var strictReward: Double?
        var prediction: String?

        enum CodingKeys: String, CodingKey {
            case id, reward, prediction
            case strictReward = "strict_reward"
        }
    }

    /// Reads the answer to a request: `{"id": ..., "reward": ...}`, with `strict_reward` (else it is the reward) and
    /// `prediction` (else there is none) if the program has them. Other keys are ignored.
    static func verdict(_ line: [UInt8], id: UInt64) throws(VerifierFault) -> Verdict {
        let answer: Answer
        do { answer = try JSONDecoder().decode(Answer.self, from: Data(line)) } catch {
            throw .malformed("\(Self.problem(error)): '\(String(decoding: line.prefix(200), as: UTF8.self))'")
        }
        guard answer.id == id else { throw .malformed("has the id \(answer.id) instead of \(id)") }
        let strictReward = answer.strictReward ?? answer.reward
        let verdict = Verdict(
            reward: Float(answer.reward), strictReward: Float(strictReward), prediction: answer.prediction)
        guard Verdict.rewards.contains(verdict.reward), Verdict.rewards.contains(verdict.strictReward) else {
            throw .malformed("has a reward that is not between -1000000 and 1000000")
        }
        guard verdict.strictReward <= verdict.reward else {
            throw .malformed("has a strict_reward of \(strictReward) above its reward of \(answer.reward)")
        }
        return verdict
    }

    private static func problem(_ error: any Error) -> String {
        switch error as? DecodingError {
        case .keyNotFound(let key, _)?: "has no \(key.stringValue)"
        case .typeMismatch(_, let context)?, .valueNotFound(_, let context)?:
            context.codingPath.last.map { "has an unusable \($0.stringValue)" } ?? "is not a JSON object"
        default: "is not a JSON object"
        }
    }
}
