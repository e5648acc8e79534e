public import EADCore

/// A prompt with its responses; the prompt is computed once, forward and backward.
public struct TrainingGroup: Hashable, Sendable {
    public var promptTokens: [TokenID]
    /// At least one response, each of at least one token.
    public var responses: [[TokenID]]

    public init(promptTokens: [TokenID], responses: [[TokenID]]) {
        self.promptTokens = promptTokens
        self.responses = responses
    }

    /// Positions that are computed: the last token of a response is a target only.
    public var rows: Int { self.promptTokens.count + self.responses.reduce(0) { $0 + $1.count - 1 } }
}
