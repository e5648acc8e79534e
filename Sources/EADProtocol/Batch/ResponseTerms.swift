package import EADCore

/// What the responses of a run can be: what its leases ask for, and what its model can be trained on.
///
/// A group that contradicts it would be refused by the engine, after it was journalled, and then at every start.
package struct ResponseTerms: Sendable {
    /// Token ids are below it.
    package var vocabulary: UInt32
    /// The longest response, in tokens.
    package var maximumTokens: Int
    /// The longest prompt and response together, in tokens.
    package var contextLength: Int
    /// The rewards that a response can have.
    package var rewards = Verdict.rewards
    /// The temperature that the schedule gives a position of a response in a step, which is the same bits on every host.
    package var temperature: @Sendable (_ position: Int, _ step: GlobalStep) -> Float

    package init(
        vocabulary: UInt32, maximumTokens: Int, contextLength: Int,
        temperature: @escaping @Sendable (_ position: Int, _ step: GlobalStep) -> Float
    ) {
        self.vocabulary = vocabulary
        self.maximumTokens = maximumTokens
        self.contextLength = contextLength
        self.temperature = temperature
    }

    /// Why a group cannot have come from a lease of this run, or cannot be trained on; nil when it can.
    func objection(to group: RolloutGroup) -> String? {
        guard !group.promptTokens.contains(where: { $0 >= self.vocabulary }) else {
            return "has a prompt token that is not in the vocabulary"
        }
        let longest = group.rollouts.reduce(0) { max($0, $1.trace.count) }
        guard longest <= self.maximumTokens else {
            return "has a response of \(longest) tokens, and \(self.maximumTokens) is the most that is asked for"
        }
        guard group.promptTokens.count + longest <= self.contextLength else {
            return
                "has \(group.promptTokens.count) tokens of prompt and up to \(longest) of a response, and the model takes "
                + "\(self.contextLength)"
        }
        let rewards = group.rollouts.compactMap { $0.verdict?.reward }
        if let reward = rewards.first(where: { !self.rewards.contains($0) }) {
            return
                "has a reward of \(reward), and rewards go from \(self.rewards.lowerBound) to \(self.rewards.upperBound)"
        }
        let expected = (0..<longest).map { self.temperature($0, group.id.step) }
        for (index, rollout) in group.rollouts.enumerated() {
            let found = rollout.trace[.temperature]
            guard
                let place = zip(found, expected).enumerated().first(where: { $1.0.bitPattern != $1.1.bitPattern })?
                    .offset
            else {
                continue
            }
            return
                "was sampled by another schedule: rollout \(index) has temperature \(found[place]) at position \(place), "
                + "step \(group.id.step) has \(expected[place])"
        }
        return nil
    }
}
