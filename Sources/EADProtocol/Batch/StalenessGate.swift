package import EADCore

/// How old a policy may be when its samples are used: s - v <= bound for step s and policy version v.
///
/// Bound 0 is synchronous training: step s samples with version s, which exists once step s - 1 is trained.
package struct StalenessGate: Hashable, Sendable, Codable {
    package let bound: UInt64

    package init(bound: UInt64) { self.bound = bound }

    /// The oldest version that groups of a step may be sampled with.
    package func oldestVersion(in step: GlobalStep) -> PolicyVersion {
        PolicyVersion(step.startVersion.rawValue - min(self.bound, step.startVersion.rawValue))
    }

    /// Whether a group of `step` may have been sampled with `version`: neither an older one, nor one that the step or a
    /// later one has yet to make.
    package func mayUse(_ version: PolicyVersion, in step: GlobalStep) -> Bool {
        (self.oldestVersion(in: step)...step.startVersion).contains(version)
    }

    /// The last step whose groups may be collected while `version` is the newest there is.
    package func lastStep(at version: PolicyVersion) -> GlobalStep {
        GlobalStep(version.nextStep.rawValue + self.bound)
    }
}
