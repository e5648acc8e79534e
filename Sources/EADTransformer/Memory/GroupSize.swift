import EADCore
import EADEngine

/// How large the groups of a run are, as far as memory depends on it.
package struct GroupSize: Hashable, Sendable {
    /// Tokens of the longest prompt, at least 1.
    package var promptTokens: Int
    /// Responses to each prompt, at least 1.
    package var responses: Int
    /// Tokens of the longest response, at least 1.
    package var responseTokens: Int

    package init(promptTokens: Int, responses: Int, responseTokens: Int) {
        precondition(promptTokens >= 1 && responses >= 1 && responseTokens >= 1, "a group has tokens")
        self.promptTokens = promptTokens
        self.responses = responses
        self.responseTokens = responseTokens
    }

    /// The largest micro-batch that such groups make.
    func microBatch(_ shape: ModelShape, rowLimit: Int) throws(EngineError) -> MicroBatch {
        let group = TrainingGroup(
            promptTokens: Array(repeating: 0, count: self.promptTokens),
            responses: Array(repeating: Array(repeating: 0, count: self.responseTokens), count: self.responses))
        let count = max(1, rowLimit / group.rows)
        return try MicroBatch(Array(repeating: group, count: count), shape: shape)
    }
}
