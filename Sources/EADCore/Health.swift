/// What can be said of a node from what it sent.
package enum Health: Hashable, Sendable, CaseIterable {
    /// Heard from lately, and getting somewhere or without work.
    case alive
    /// Heard from lately, has work, gets nowhere: its progress counter stands still.
    case stalled
    /// Silent for too long.
    case dead
    /// Named in the cluster file and never heard from, or forgotten.
    case absent

    /// Whether it was heard from lately, so that what it said last holds.
    package var isPresent: Bool { self == .alive || self == .stalled }
}
