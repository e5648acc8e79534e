import CZMQ

/// Reports what happens to the connections of one socket.
struct SocketMonitor: ~Copyable {
    enum Event {
        case connected(descriptor: Int32)
        case accepted(descriptor: Int32)
        case disconnected(descriptor: Int32)
        /// The handshake failed; the status is 400 when the server refused the client's key.
        case handshakeFailed(status: Int32)
        case handshakeSucceeded
    }

    let socket: ZMQSocket
    private let frame = ReceivedFrame()

    init(_ context: borrowing ZMQContext, watching watched: borrowing ZMQSocket, id: Port.ID) throws(TransportError) {
        let failures =
            ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
            | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
        let events =
            ZMQ_EVENT_CONNECTED | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED
            | failures
        let address = "inproc://monitor-\(id)"
        guard zmq_socket_monitor(watched.raw, address, events) == 0 else { throw .last("zmq_socket_monitor") }
        let socket = try ZMQSocket(context, type: ZMQ_PAIR)
        try socket.set(ZMQ_LINGER, Int32(0))
        guard zmq_connect(socket.raw, address) == 0 else { throw .last("zmq_connect(\(address))") }
        self.socket = socket
    }

    /// The next event that has happened; nil when there is none.
    func next() -> Event? {
        while self.socket.receive(into: self.frame) {
            let bytes = self.frame.bytes
            guard bytes.count == 6 else { continue }
            let kind = Int32(bytes.loadUnaligned(as: UInt16.self))
            let value = bytes.loadUnaligned(fromByteOffset: 2, as: Int32.self)
            // The second frame names the endpoint.
            while self.frame.hasMore, self.socket.receive(into: self.frame) {}
            switch kind {
            case ZMQ_EVENT_CONNECTED: return .connected(descriptor: value)
            case ZMQ_EVENT_ACCEPTED: return .accepted(descriptor: value)
            case ZMQ_EVENT_DISCONNECTED: return .disconnected(descriptor: value)
            case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: return .handshakeSucceeded
            case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: return .handshakeFailed(status: value)
            case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
                return .handshakeFailed(status: 0)
            default: continue
            }
        }
        return nil
    }
}
