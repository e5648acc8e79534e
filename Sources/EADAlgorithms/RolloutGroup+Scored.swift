package import EADCore

extension RolloutGroup {
    /// The group without the rollouts that have no score; nil if fewer than `minimum` are left.
    ///
    /// Advantages compare the rollouts of a group: two are the least that say anything.
    package func scored(atLeast minimum: Int) -> RolloutGroup? {
        var group = self
        group.rollouts.removeAll { $0.verdict == nil }
        return group.rollouts.count < minimum ? nil : group
    }
}
