package import EADCore

/// What an environment gets from the process it lives in.
package struct EnvironmentHost: Sendable {
    /// What an environment has to say for the log.
    package enum Notice: Hashable, Sendable {
        case information(String)
        /// Something failed; a response may be left without a verdict.
        case fault(String)

        package var text: String {
            switch self {
            case .information(let text), .fault(let text): text
            }
        }
    }

    /// Where steps that wait for a program may wait.
    package let executor: any SerialExecutor
    /// The pauses before something that failed is started again.
    package let backoff: Backoff
    /// Takes notices; called on the executor.
    package let notify: @Sendable (Notice) -> Void

    package init(
        executor: any SerialExecutor, backoff: Backoff, notify: @escaping @Sendable (Notice) -> Void
    ) {
        self.executor = executor
        self.backoff = backoff
        self.notify = notify
    }
}

/// Why an environment cannot be made.
package struct EnvironmentError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
