import CZMQ

/// A frame as libzmq received it; gives libzmq's memory back when it goes.
///
/// Unchecked because of the pointer: only the poller thread receives into it, before anybody else can have it, and
/// after that it is only read.
final class ReceivedFrame: @unchecked Sendable {
    /// Not moved while it is in use: small frames lie within it.
    let message: UnsafeMutablePointer<zmq_msg_t>

    init() {
        self.message = .allocate(capacity: 1)
        zmq_msg_init(self.message)
    }

    deinit {
        zmq_msg_close(self.message)
        self.message.deallocate()
    }

    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: zmq_msg_data(self.message), count: zmq_msg_size(self.message))
    }

    /// Whether more frames of the same message follow.
    var hasMore: Bool { zmq_msg_more(self.message) != 0 }

    /// The connection it came over; -1 when unknown.
    var descriptor: Int32 { zmq_msg_get(self.message, ZMQ_SRCFD) }

    /// Whether its sender went through the handshake of ZMTP 3.
    var isIntroduced: Bool { zmq_msg_gets(self.message, "Socket-Type") != nil }

    /// The key that the authentication handler noted for the connection.
    var userKey: CurvePublicKey? {
        guard let text = zmq_msg_gets(self.message, "User-Id") else { return nil }
        return CurvePublicKey(z85: String(cString: text))
    }
}
