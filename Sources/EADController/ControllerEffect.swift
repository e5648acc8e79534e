package import EADCore
package import EADEvaluation
package import EADMessages
package import EADProtocol

/// What the controller's shell must do; performed in order, each before the next.
package enum ControllerEffect: Sendable, Equatable {
    /// Make the snapshot durable before anything that follows.
    case persist(RunSnapshot)
    case send(Message, to: Peer, inReplyTo: UInt64)
    /// Write every response of a finished evaluation to its file, in the place of what is there.
    case persistEvaluation(EvaluationReport, [GradedProblem])
    /// Append to the run log.
    case record(RunEvent)
    /// Write to the process's own log.
    case tellOperator(Notice, String)
    /// The run cannot go on; the process ends with this explanation and a non-zero status.
    case fail(String)
    /// Everything is done and everybody gone; the process ends with success.
    case exit
}
