package import EADCore
package import EADEvaluation
package import EADMessages

/// What the controller's shell must do; performed in order, each before the next.
package enum ControllerEffect<Peer: Hashable & Sendable>: Sendable, Equatable {
    /// Make the snapshot durable before anything that follows.
    case persist(RunSnapshot)
    case send(Message, to: Peer, inReplyTo: UInt64)
    /// Write every response of a finished evaluation to its file, in the place of what is there.
    case keep(EvaluationReport, [GradedProblem])
    /// Append to the run log.
    case record(RunEvent)
    /// Tell the operator.
    case say(Notice, String)
    /// The run cannot go on; the process ends with this explanation and a non-zero status.
    case fail(String)
    /// Everything is done and everybody gone; the process ends with success.
    case exit

    package enum Notice: Hashable, Sendable { case information, warning }
}

/// One line of the run log.
package enum RunEvent: Hashable, Sendable {
    case started(RunID, resumedAt: GlobalStep)
    case joined(NodeID, Epoch)
    case left(NodeID, reason: String)
    /// It held `leases` accepted leases then, which are free again.
    case died(NodeID, silent: Duration, leases: Int)
    case leaseExpired(GroupID, NodeID, attempt: UInt32)
    case stepped(StepReport)
    case rewound(from: GlobalStep, to: GlobalStep)
    case evaluated(EvaluationReport)
    case paused(Bool)
    case finished
}
