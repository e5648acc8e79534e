/// The exit statuses of `ead-ctl` besides those of `RoleFailure.Code`, which say why a command failed.
package enum ExitStatus: Int32, Sendable, CaseIterable {
    /// Done, or healthy, or equal.
    case done = 0
    /// Something is wrong with what was looked at.
    case degraded = 1
    /// Nobody answered.
    case unreachable = 2
    /// The run ended before its last step.
    case stopped = 3
    /// Ended by a signal.
    case interrupted = 130
}
