package import EADCore
package import EADMessages

/// One line of the run log.
package enum RunEvent: Hashable, Sendable {
    case started(RunID, resumedAt: GlobalStep)
    case joined(NodeID, Epoch)
    case left(NodeID, reason: String)
    /// It held `leases` accepted leases then, which are free again.
    case died(NodeID, silent: Duration, leases: Int)
    /// The learner could not train on it.
    case discarded(DiscardedGroup)
    case leaseExpired(GroupID, NodeID, attempt: UInt32)
    case stepped(StepReport)
    case rewound(from: GlobalStep, to: GlobalStep)
    case evaluated(EvaluationReport)
    case paused(Bool)
    case finished
}
