/// How rewards become advantages; one number per response, shared by all its tokens.
package enum AdvantageEstimator: String, Hashable, Sendable, CaseIterable {
    /// The reward relative to its group, in units of the group's deviation (GRPO).
    case grpo
    /// The reward minus the group's mean (Dr.GRPO, Liu et al., 2025).
    case drGRPO = "dr-grpo"
    /// The reward minus the mean of the group's other rewards (RLOO, Ahmadian et al., 2024).
    case rloo
    /// The reward, whitened over all tokens of the step (REINFORCE++, Hu, 2025).
    case reinforcePlusPlus = "reinforce++"
    /// The reward minus the group's mean, whitened over all tokens of the step.
    case reinforcePlusPlusBaseline = "reinforce++-baseline"
    /// The reward where it is positive, else 0: only good responses are learned from (RAFT; Xiong et al., 2025).
    case raft
    /// The reward itself in groups with different rewards, else 0 (Reinforce-Rej; Xiong et al., 2025).
    case reinforceRej = "reinforce-rej"

    /// What it is, in a sentence.
    package var summary: String {
        switch self {
        case .grpo: "The reward minus its group's mean, over the group's deviation."
        case .drGRPO: "The reward minus its group's mean."
        case .rloo: "The reward minus the mean of the others in its group."
        case .reinforcePlusPlus: "The reward, whitened over all tokens of the step."
        case .reinforcePlusPlusBaseline: "The same, after the group's mean is taken off."
        case .raft: "Positive rewards only."
        case .reinforceRej: "The reward itself, in groups with different rewards."
        }
    }

    /// The advantages of a step's responses, in the shape of `groups` ([group][response]).
    func advantages(for groups: [[ScoredResponse]]) -> [[Float]] {
        func perGroup(_ rule: ([Float]) -> [Float]) -> [[Float]] { groups.map { rule($0.map(\.reward)) } }
        return switch self {
        case .grpo: perGroup(GroupRelativeAdvantage.advantages)
        case .drGRPO: perGroup(CentredAdvantage.centred)
        case .rloo: perGroup(CentredAdvantage.leaveOneOut)
        case .reinforcePlusPlus: WhitenedAdvantage.whitened(groups)
        case .reinforcePlusPlusBaseline:
            WhitenedAdvantage.whitened(
                groups.map { group in
                    zip(group, CentredAdvantage.centred(rewards: group.map(\.reward))).map {
                        ScoredResponse(reward: $1, tokens: $0.tokens)
                    }
                })
        case .raft: perGroup { $0.map { max($0, 0) } }
        case .reinforceRej:
            perGroup { rewards in GroupFilter.isMixed(rewards) ? rewards : rewards.map { _ in 0 } }
        }
    }
}
