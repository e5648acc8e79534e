package import EADProtocol

/// What a role has besides its state: the engine and the files that perform its commands and report events.
///
/// It is used by the role's thread alone; engine threads have what is theirs.
package protocol RoleWiring: SendableMetatype {
    associatedtype State: RoleState

    /// Whom the role talks to.
    static var sockets: RoleSockets { get }

    /// What engine and files report; one consumer.
    var events: AsyncStream<State.Event> { get }

    /// What is to be read off the engine now.
    var gauges: Gauges { get }

    /// Performs a command, or hands it to an engine thread.
    /// - Throws: what makes the process end.
    func perform(_ command: State.Command) throws

    /// The lives of the role's engine threads; each runs until cancelled.
    var threads: [@Sendable () async throws -> Void] { get }
}

/// The sockets of a role.
package struct RoleSockets: Sendable {
    /// Whether others connect to it.
    package var listens: Bool
    package var connectsToController: Bool
    package var connectsToLearner: Bool

    package init(listens: Bool = false, connectsToController: Bool = false, connectsToLearner: Bool = false) {
        self.listens = listens
        self.connectsToController = connectsToController
        self.connectsToLearner = connectsToLearner
    }
}
