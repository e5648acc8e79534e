package import EADCore
package import EADMessages

/// Whom a message comes from or goes to, as a role sees it.
package enum Party: Hashable, Sendable {
    /// The controller this process connects to.
    case controller
    /// The learner this process connects to.
    case learner
    /// Somebody who connected here.
    case peer(Peer)
}

/// How much an operator should care.
package enum Notice: Hashable, Sendable { case information, warning }

/// What a role's shell must do; performed in order, each before the next.
package enum RoleEffect<Command: Sendable>: Sendable {
    /// Stamp the message and send it without waiting; a payload is the frame after the envelope.
    case send(Message, payload: SharedBytes? = nil, to: Party, inReplyTo: UInt64 = 0)
    /// Have the role's engine or files do something; if that fails, nothing after it is performed and the process ends.
    case perform(Command)
    /// Write to the process's own log.
    case tellOperator(Notice, String)
    /// There is nothing left to do: the process ends with success.
    case finish
    /// The process cannot go on, and ends with this explanation.
    case fail(RoleFailure)
}

extension RoleEffect: Equatable where Command: Equatable {}
