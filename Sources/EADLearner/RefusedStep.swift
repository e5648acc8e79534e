import EADCore
import EADProtocol

/// A step that does not lead to a policy: nothing of it is published or made durable.
struct RefusedStep: Error {
    let step: GlobalStep
    /// The groups that are at fault, where it can be said: the weights are then what they were, and the step can be
    /// trained with others in their places.
    let groups: [RefusedGroup]
    /// What is wrong, without what was done about it.
    let cause: RoleFailure

    init(step: GlobalStep, groups: [RefusedGroup] = [], cause: RoleFailure) {
        self.step = step
        self.groups = groups
        self.cause = cause
    }
}

/// Groups of a step that its engine was given, and that the policy it trains cannot have sampled.
struct RefusedGroups: Error, CustomStringConvertible {
    var groups: [RefusedGroup]

    var description: String { self.groups.map { "slot \($0.slot): \($0.reason)" }.joined(separator: "; ") }
}
