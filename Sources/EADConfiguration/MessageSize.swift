import EADCore
import EADSampling

/// How long messages can become with the settings of a cluster file, in bytes.
///
/// Every node computes the same limit from the same file: what a worker may be asked for, its receiver takes.
package enum MessageSize {
    /// Room for what does not grow with the responses: a prompt of 250 000 tokens, and everything around it.
    private static let rest = 1 << 20
    /// The limit where the settings ask for no more.
    package static let usual = 4 << 20
    /// The largest limit: a receiver holds a few such messages in memory.
    static let largest = 256 << 20

    /// A response as the learner gets it: the token and its columns, and the answer read from its text.
    private static func rollout(tokens: Int) -> Int {
        1024 + tokens * (4 + 4 * TokenTrace.Column.allCases.count + Self.text)
    }

    /// A response as the controller gets it in an evaluation: its text.
    private static func evaluated(tokens: Int) -> Int { 1024 + tokens * Self.text }

    /// Bytes of text per token, which in a whole response are 3 to 5.
    private static let text = 8

    static func group(samples: Int, tokens: Int) -> Int { self.rest + samples * self.rollout(tokens: tokens) }

    static func evaluation(samples: Int, tokens: Int) -> Int { self.rest + samples * self.evaluated(tokens: tokens) }

    /// Responses to one problem that fit a message of `limit` bytes.
    static func evaluationSamples(tokens: Int, limit: Int) -> Int {
        (limit - self.rest) / self.evaluated(tokens: tokens)
    }
}

extension ClusterConfiguration {
    /// The longest envelope of this cluster, in bytes.
    package var maximumMessageBytes: Int { max(MessageSize.usual, self.groupBytes, self.evaluationBytes) }

    /// The most responses to one problem that an operator's evaluation may ask for, besides the greedy one.
    package var maximumEvaluationSamples: Int {
        let limit = self.maximumMessageBytes
        let tokens = self.evaluation.sampling.maxTokens
        return max(0, min(1024, MessageSize.evaluationSamples(tokens: tokens, limit: limit) - 1))
    }

    private var groupBytes: Int {
        MessageSize.group(samples: self.training.samplesPerPrompt, tokens: self.sampling.maxTokens)
    }

    private var evaluationBytes: Int {
        guard self.evaluation.isWanted else { return 0 }
        return MessageSize.evaluation(
            samples: self.evaluation.samples + 1, tokens: self.evaluation.sampling.maxTokens)
    }

    /// Settings under which what a worker samples could not be sent.
    func messageProblems() -> [SettingProblem] {
        func problem(_ path: String, _ samples: Int, _ tokens: Int, _ bytes: Int) -> SettingProblem {
            SettingProblem(
                path,
                "is too large for the length of the responses: \(samples) responses of \(tokens) tokens make a message of "
                    + "\(bytes >> 20) MiB, and \(MessageSize.largest >> 20) MiB is the most that is sent; ask for fewer or "
                    + "shorter ones")
        }
        var found: [SettingProblem] = []
        if self.groupBytes > MessageSize.largest {
            found.append(
                problem(
                    "training.samples_per_prompt", self.training.samplesPerPrompt, self.sampling.maxTokens,
                    self.groupBytes))
        }
        if self.evaluationBytes > MessageSize.largest {
            found.append(
                problem(
                    "evaluation.samples", self.evaluation.samples + 1, self.evaluation.sampling.maxTokens,
                    self.evaluationBytes))
        }
        return found
    }
}
