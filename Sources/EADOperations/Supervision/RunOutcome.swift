/// How it ended to look at a run.
package enum RunOutcome: Sendable {
    case finished(RunSummary)
    /// The run ended before its last step; the same command resumes it.
    case stopped
    /// Whoever looked went away.
    case left

    package var exitStatus: ExitStatus {
        switch self {
        case .finished(let summary): summary.isDegraded ? .degraded : .done
        case .stopped: .stopped
        case .left: .interrupted
        }
    }
}
