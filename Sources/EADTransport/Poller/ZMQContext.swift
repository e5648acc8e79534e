import CZMQ
import Glibc

/// A ZeroMQ context; ends when it goes out of scope, after the linger times of its sockets.
struct ZMQContext: ~Copyable {
    let raw: UnsafeMutableRawPointer

    init() throws(TransportError) {
        guard let raw = zmq_ctx_new() else { throw .last("zmq_ctx_new") }
        self.raw = raw
    }

    deinit {
        // Interrupted by a signal, it must be asked again: sockets would stay open otherwise.
        while zmq_ctx_term(self.raw) != 0 && zmq_errno() == EINTR {}
    }
}
