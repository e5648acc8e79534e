import EADCore

/// A step that does not lead to a policy: nothing of it is published or made durable.
struct RefusedStep: Error {
    let step: GlobalStep
    /// What is wrong, without what was done about it.
    let cause: RoleFailure
}
