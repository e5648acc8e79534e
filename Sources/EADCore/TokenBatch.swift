/// Whole groups of tokens as an engine computes them and an objective judges them: flat arrays with offsets.
///
/// Whatever is said of response tokens, here or by an engine, is in the order of `trace`: group after group, response
/// after response, token after token.
package struct TokenBatch: Hashable, Sendable {
    /// All prompts, one after the other.
    package private(set) var promptTokens: [TokenID] = []
    /// Each group's prompt, in `promptTokens`.
    package private(set) var prompts: [Range<Int>] = []
    /// Each group's responses, in `responses`.
    package private(set) var groups: [Range<Int>] = []
    /// Each response's tokens, in `trace`.
    package private(set) var responses: [Range<Int>] = []
    /// All responses, one after the other.
    package private(set) var trace = TokenTrace()
    /// What the objective thinks of each response; empty where it has not been asked.
    package var advantages: [Float] = []
    /// Whether the objective treats the token apart from the others; empty if it does so with none.
    package var isSelected: [Bool] = []
    /// log pi_old of each token, the policy that ratios refer to, at tau = 1; empty where that is the one that sampled.
    package var proximalLogProbs: [Float] = []

    package init() {}

    package init(_ groups: some Sequence<RolloutGroup>) {
        for group in groups {
            self.append(promptTokens: group.promptTokens, responses: group.rollouts.map(\.trace))
        }
    }

    /// Adds a group: a prompt, which is computed once, with its responses.
    package mutating func append(promptTokens: some Collection<TokenID>, responses: some Collection<TokenTrace>) {
        self.prompts.append(self.promptTokens.count..<self.promptTokens.count + promptTokens.count)
        self.promptTokens += promptTokens
        self.groups.append(self.responses.count..<self.responses.count + responses.count)
        for response in responses {
            self.responses.append(self.count..<self.count + response.count)
            self.trace.append(contentsOf: response)
        }
    }

    /// log pi_old of each token: of the policy before a step's first update.
    package var oldLogProbs: [Float] {
        self.proximalLogProbs.isEmpty ? self.trace[.policyLogProb] : self.proximalLogProbs
    }

    /// Response tokens.
    package var count: Int { self.trace.count }

    /// The response tokens of a group.
    package func tokens(of group: Int) -> Range<Int> {
        let responses = self.responses[self.groups[group]]
        guard let first = responses.first, let last = responses.last else { return 0..<0 }
        return first.lowerBound..<last.upperBound
    }

    /// Positions that are computed for a group: the last token of a response is a target only.
    package func rows(of group: Int) -> Int {
        self.prompts[group].count + self.tokens(of: group).count - self.groups[group].count
    }

    /// The batch of some of the groups, in the order given.
    package func taking(_ chosen: some Sequence<Int>) -> TokenBatch {
        var batch = TokenBatch()
        for group in chosen {
            batch.append(
                promptTokens: self.promptTokens[self.prompts[group]],
                responses: self.responses[self.groups[group]].map { self.trace[$0] })
            if !self.advantages.isEmpty { batch.advantages += self.advantages[self.groups[group]] }
            if !self.isSelected.isEmpty { batch.isSelected += self.isSelected[self.tokens(of: group)] }
            if !self.proximalLogProbs.isEmpty {
                batch.proximalLogProbs += self.proximalLogProbs[self.tokens(of: group)]
            }
        }
        return batch
    }
}
