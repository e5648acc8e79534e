import CZMQ

/// The transport could not do what it was asked.
package struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// An endpoint that other machines can reach needs CURVE.
        case plaintextRefused
        /// A CURVE connection needs the public key of its server.
        case serverKeyMissing
        case addressInUse
        /// The endpoint cannot be listened on or connected to.
        case invalidEndpoint
        /// A frame is longer than `TransportConfiguration.maximumFrameBytes`.
        case frameTooLong
        /// A message has no parts, or more than `TransportConfiguration.maximumPartsPerMessage`.
        case wrongPartCount
        /// A routing identity has 1 to 255 bytes and does not begin with a zero byte.
        case invalidIdentity
        /// The socket was closed on this side.
        case closed
        /// The transport has stopped or is stopping.
        case stopped
        /// The calling task was cancelled before the message was accepted.
        case cancelled
        /// A key file is missing, readable by others, or not a key file.
        case keyFile
        /// libzmq or the system refused; see `systemError`.
        case system
    }

    package var code: Code
    /// What happened and what to do about it, for a person.
    package var message: String
    /// The `errno` value behind it, if any.
    package var systemError: Int32?

    package init(_ code: Code, _ message: String, systemError: Int32? = nil) {
        self.code = code
        self.message = message
        self.systemError = systemError
    }

    /// Whether the same call may succeed later.
    package var isRetriable: Bool { self.code == .addressInUse }

    package var description: String { "\(self.code.rawValue): \(self.message)" }

    /// The failure of the libzmq call just made.
    static func last(_ call: String) -> TransportError {
        let number = zmq_errno()
        return TransportError(.system, "\(call): \(String(cString: zmq_strerror(number)))", systemError: number)
    }

    package static let stopped = TransportError(.stopped, "the transport has stopped")
    package static let closed = TransportError(.closed, "the socket was closed")
    package static let cancelled = TransportError(.cancelled, "the task was cancelled")
}
