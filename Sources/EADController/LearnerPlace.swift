import EADCore

/// Where the learner is, as far as the controller knows.
enum LearnerPlace: Hashable, Sendable {
    /// Not a member: it did not come yet, died, or ended because of a fault.
    case away
    /// Gone with a goodbye, and not back since.
    case left
    /// A member that trains this step next.
    case here(at: GlobalStep)
}
