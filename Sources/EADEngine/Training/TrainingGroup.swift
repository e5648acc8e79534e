package import EADCore

/// A prompt with its responses; the prompt is computed once, forward and backward.
package struct TrainingGroup: Hashable, Sendable {
    package var promptTokens: [TokenID]
    /// At least one response, each of at least one token.
    package var responses: [[TokenID]]

    package init(promptTokens: [TokenID], responses: [[TokenID]]) {
        self.promptTokens = promptTokens
        self.responses = responses
    }

    /// Positions that are computed: the last token of a response is a target only.
    package var rows: Int { self.promptTokens.count + self.responses.reduce(0) { $0 + $1.count - 1 } }
}
