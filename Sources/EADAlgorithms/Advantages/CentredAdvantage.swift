/// Advantages against a baseline from the own group, without its deviation.
enum CentredAdvantage {
    /// A_i = R_i - mean. Equal rewards give exactly zero; a group of one has no baseline and keeps its reward.
    static func centred(rewards: [Float]) -> [Float] { Self.scaled(rewards, by: 1) }

    /// A_i = R_i - mean of the others = n / (n - 1) (R_i - mean), with the same two exceptions.
    static func leaveOneOut(rewards: [Float]) -> [Float] {
        Self.scaled(rewards, by: Double(rewards.count) / Double(max(rewards.count - 1, 1)))
    }

    private static func scaled(_ rewards: [Float], by factor: Double) -> [Float] {
        guard rewards.count > 1 else { return rewards }
        guard GroupFilter.isMixed(rewards) else { return rewards.map { _ in 0 } }
        let mean = rewards.reduce(0.0) { $0 + Double($1) } / Double(rewards.count)
        return rewards.map { Float(factor * (Double($0) - mean)) }
    }
}
