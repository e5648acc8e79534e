package import EADCore

/// How old a policy may be when its samples are used: s - v <= bound for step s and policy version v.
///
/// Bound 0 is synchronous training: step s samples with version s, which exists once step s - 1 is trained.
package struct StalenessGate: Hashable, Sendable, Codable {
    package let bound: UInt64

    package init(bound: UInt64) { self.bound = bound }

    /// The age of version `version` in step `step`; nil for a version that does not exist before the step is trained.
    package func staleness(of version: PolicyVersion, in step: GlobalStep) -> UInt64? {
        version.rawValue <= step.rawValue ? step.rawValue - version.rawValue : nil
    }

    /// Whether a group of `step` may have been sampled with `version`.
    package func mayUse(_ version: PolicyVersion, in step: GlobalStep) -> Bool {
        self.staleness(of: version, in: step).map { $0 <= self.bound } ?? false
    }

    /// Whether leases of `step` may be offered while the learner is at `version` (its next step has that number).
    package func mayOffer(_ step: GlobalStep, at version: PolicyVersion) -> Bool { self.mayUse(version, in: step) }

    /// The last step whose leases may be offered while the learner is at `version`.
    package func lastStep(at version: PolicyVersion) -> GlobalStep { GlobalStep(version.rawValue + self.bound) }
}
