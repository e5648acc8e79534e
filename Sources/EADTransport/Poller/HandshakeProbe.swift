import CZMQ
package import EADCore

/// Tries whether a listener takes this process in: connects, goes through the whole handshake, and leaves without a word.
///
/// A listener counts a connection that ends before its handshake as a failed one; of this one it has nothing to complain.
package enum HandshakeProbe {
    package enum Outcome: Hashable, Sendable {
        case succeeded
        /// Somebody listens, and does not take this process in, for this reason.
        case refused(String)
        /// Nobody listens, or nothing comes back.
        case silent
    }

    /// Blocks for at most `timeout`.
    /// - Parameter serverKey: The public key the listener must prove to have; needed with CURVE.
    /// - Throws: `TransportError` when the socket cannot be made.
    package static func run(
        _ endpoint: Endpoint, security: TransportSecurity, serverKey: CurvePublicKey?, timeout: Duration
    ) throws(TransportError) -> Outcome {
        var configuration = TransportConfiguration(security: security)
        configuration.linger = .zero
        let identity = Array("probe/".utf8) + (0..<8).map { _ in UInt8.random(in: 97...122) }
        let request = SocketRequest(kind: .connection(identity: identity, server: serverKey), endpoint: endpoint)
        let context = try ZMQContext()
        let port = Port(id: 1, configuration: configuration, mailbox: try Mailbox())
        let socket = try PolledSocket(request, port: port, context: context, configuration: configuration)
        let deadline = ContinuousClock.now + timeout
        var outcome = Outcome.silent
        while outcome == .silent, case let left = ContinuousClock.now.duration(to: deadline), left > .zero {
            var item = zmq_pollitem_t(
                socket: socket.monitor.socket.raw, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0)
            // An interrupted wait is only a shorter one.
            _ = zmq_poll(&item, 1, Int(left.inSocketOption))
            while let event = socket.monitor.next() {
                switch event {
                case .handshakeSucceeded: outcome = .succeeded
                case .handshakeFailed(let status): outcome = .refused(Self.reason(status))
                case .accepted, .connected, .disconnected: break
                }
            }
        }
        return outcome
    }

    private static func reason(_ status: Int32) -> String {
        status == 0
            ? "it has another security setting or another key than the cluster file says, or is no node of EAD"
            : "it does not know this node's key (status \(status))"
    }
}
