/// Why a process ends without success: a sentence for a person and the exit status.
package struct RoleFailure: Error, Hashable, CustomStringConvertible, Sendable {
    /// Exit statuses, after sysexits.h.
    package enum Code: Int32, Sendable {
        /// Wrong command line.
        case usage = 64
        /// A file of the user's (model, data) is missing or broken.
        case data = 65
        /// A peer is unreachable.
        case unavailable = 69
        /// A promise was broken inside; the message names it.
        case software = 70
        /// The disk or the network failed.
        case io = 74
        /// Another process took this node's place.
        case fenced = 75
        /// The cluster file is wrong, or differs from the controller's.
        case configuration = 78
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { self.message }
}
