/// Published algorithms as settings; each field may be overridden.
package enum AlgorithmPreset: String, Hashable, Sendable, CaseIterable {
    case grpo
    case dapo
    case clipCov = "clip-cov"
    case klCov = "kl-cov"
    case drGRPO = "dr-grpo"
    case rloo
    case reinforcePlusPlus = "reinforce++"
    case gspo
    case raftPlusPlus = "raft++"
    case reinforceRej = "reinforce-rej"

    package var configuration: AlgorithmConfiguration {
        var settings = AlgorithmConfiguration()
        switch self {
        case .grpo:
            break
        case .dapo:
            settings.clipHigh = 0.28
            settings.dualClip = 10
            settings.groupFilter = .mixed
        case .clipCov:
            settings.loss = .clipCov
            settings.clipLow = 1
            settings.clipHigh = 1
        case .klCov:
            settings.loss = .klCov
            settings.covarianceRatio = 0.002
        case .drGRPO:
            settings.advantage = .drGRPO
            settings.aggregation = .constantNorm
        case .rloo:
            settings.advantage = .rloo
        case .reinforcePlusPlus:
            settings.advantage = .reinforcePlusPlus
        case .gspo:
            settings.loss = .gspo
            settings.clipLow = 3e-4
            settings.clipHigh = 4e-4
            settings.aggregation = .sequenceMeanTokenMean
        case .raftPlusPlus:
            settings.advantage = .raft
        case .reinforceRej:
            settings.advantage = .reinforceRej
        }
        return settings
    }

    /// What it is, in a sentence or two.
    package var summary: String {
        switch self {
        case .grpo:
            "Rewards relative to their group and its deviation, clipped at 0.2, token mean, no reference policy."
        case .dapo:
            "GRPO with a higher upper clip (0.28) and fresh groups in the place of those without a difference. "
                + "The EAD paper ran it with group_filter none."
        case .clipCov:
            "GRPO that leaves out a random 0.02 % of the tokens whose advantage and log-probability vary together most."
        case .klCov:
            "GRPO without clipping that holds 0.2 % of the tokens, those of highest covariance, to the old policy."
        case .drGRPO:
            "Rewards minus the group's mean, token sums over a constant: neither deviation nor length weighs."
        case .rloo:
            "Rewards minus the mean of the group's other rewards."
        case .reinforcePlusPlus:
            "Rewards whitened over all tokens of the step; groups play no part."
        case .gspo:
            "One ratio per response instead of one per token, clipped at 0.0003 and 0.0004."
        case .raftPlusPlus:
            "Learns from good responses only, with ratio and clip."
        case .reinforceRej:
            "Raw rewards, without groups that are all right or all wrong."
        }
    }
}
