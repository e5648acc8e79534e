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
        let prompt = Array(repeating: TokenID(0), count: self.promptTokens)
        let response = TokenTrace(tokens: Array(repeating: 0, count: self.responseTokens))
        var batch = TokenBatch()
        repeat {
            batch.append(promptTokens: prompt, responses: Array(repeating: response, count: self.responses))
        } while (batch.groups.count + 1) * batch.rows(of: 0) <= rowLimit
        return try MicroBatch(batch, shape: shape)
    }
}
