/// GRPO (Shao et al., 2024): A_i = (R_i - mean) / (std + 1e-6) within a group, with the unbiased deviation.
///
/// Equal rewards give exactly zero. A group of one has no baseline: as in verl its mean counts as 0 and its deviation
/// as 1, so A = R / (1 + 1e-6).
enum GroupRelativeAdvantage {
    static let epsilon = 1e-6

    static func advantages(rewards: [Float]) -> [Float] {
        guard rewards.count > 1 else { return rewards.map { Float(Double($0) / (1 + Self.epsilon)) } }
        guard GroupFilter.isMixed(rewards) else { return rewards.map { _ in 0 } }
        let mean = rewards.reduce(0.0) { $0 + Double($1) } / Double(rewards.count)
        let squares = rewards.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        let deviation = (squares / Double(rewards.count - 1)).squareRoot()
        return rewards.map { Float((Double($0) - mean) / (deviation + Self.epsilon)) }
    }
}
