/// Which groups a step is made of; refused ones are replaced by fresh groups (DAPO's dynamic sampling).
package enum GroupFilter: String, Hashable, Sendable, CaseIterable {
    /// Every group counts.
    case none
    /// Only groups with different rewards; a group of one response counts, too.
    case mixed

    /// What it is, in a sentence.
    package var summary: String {
        switch self {
        case .none: "Every group counts."
        case .mixed: "Fresh groups take the place of those with equal rewards."
        }
    }

    /// Whether a group with these rewards is kept.
    package func keeps(rewards: [Float]) -> Bool {
        switch self {
        case .none: true
        case .mixed: rewards.count == 1 || Self.isMixed(rewards)
        }
    }

    static func isMixed(_ rewards: [Float]) -> Bool { rewards.contains { $0 != rewards[0] } }
}
