import CZMQ
import EADCore
import Glibc

/// A ZeroMQ socket; belongs to the thread that made it and closes when it goes out of scope.
struct ZMQSocket: ~Copyable {
    let raw: UnsafeMutableRawPointer

    init(_ context: borrowing ZMQContext, type: Int32) throws(TransportError) {
        guard let raw = zmq_socket(context.raw, type) else { throw .last("zmq_socket") }
        self.raw = raw
    }

    deinit { zmq_close(self.raw) }

    func set(_ option: Int32, _ value: Int32) throws(TransportError) {
        var value = value
        guard zmq_setsockopt(self.raw, option, &value, MemoryLayout<Int32>.size) == 0 else {
            throw .last("zmq_setsockopt(\(option))")
        }
    }

    func set(_ option: Int32, _ value: Int64) throws(TransportError) {
        var value = value
        guard zmq_setsockopt(self.raw, option, &value, MemoryLayout<Int64>.size) == 0 else {
            throw .last("zmq_setsockopt(\(option))")
        }
    }

    func set(_ option: Int32, _ bytes: [UInt8]) throws(TransportError) {
        guard zmq_setsockopt(self.raw, option, bytes, bytes.count) == 0 else {
            throw .last("zmq_setsockopt(\(option))")
        }
    }

    /// The option's value in milliseconds, as libzmq wants times.
    func set(_ option: Int32, _ time: Duration) throws(TransportError) {
        try self.set(option, time.inSocketOption)
    }

    /// The address bound or connected to last.
    var lastEndpoint: String {
        var text = [CChar](repeating: 0, count: 256)
        var count = text.count
        guard zmq_getsockopt(self.raw, ZMQ_LAST_ENDPOINT, &text, &count) == 0 else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Receives one frame without waiting; false when there is none.
    func receive(into frame: ReceivedFrame) -> Bool {
        while true {
            if zmq_msg_recv(frame.message, self.raw, ZMQ_DONTWAIT) >= 0 { return true }
            if zmq_errno() != EINTR { return false }
        }
    }

    /// Sends one frame without waiting; 0 or the `errno` value.
    func send(_ bytes: [UInt8], more: Bool) -> Int32 {
        while true {
            let flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)
            if zmq_send(self.raw, bytes, bytes.count, flags) >= 0 { return 0 }
            if zmq_errno() != EINTR { return zmq_errno() }
        }
    }

    /// Sends one frame without waiting; 0 or the `errno` value. Large frames are not copied.
    func send(_ bytes: SharedBytes, more: Bool) -> Int32 {
        var message = zmq_msg_t()
        return withUnsafeMutablePointer(to: &message) { message in
            guard bytes.fill(message) else { return ENOMEM }
            while true {
                let flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)
                if zmq_msg_send(message, self.raw, flags) >= 0 { return 0 }
                let failure = zmq_errno()
                if failure == EINTR { continue }
                zmq_msg_close(message)
                return failure
            }
        }
    }
}

extension SharedBytes {
    /// Below this, copying costs less than keeping count.
    private static let copyLimit = 32 << 10

    /// Makes `message` hold these bytes; false when out of memory.
    fileprivate func fill(_ message: UnsafeMutablePointer<zmq_msg_t>) -> Bool {
        self.withUnsafeBytes { bytes in
            if bytes.count <= Self.copyLimit {
                guard zmq_msg_init_size(message, bytes.count) == 0 else { return false }
                if let start = bytes.baseAddress {
                    zmq_msg_data(message)?.copyMemory(from: start, byteCount: bytes.count)
                }
                return true
            }
            let owner = Unmanaged<AnyObject>.passRetained(self.owner)
            // libzmq calls back on its I/O thread once the bytes are on their way; it never writes to them.
            let failed = zmq_msg_init_data(
                message, UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count,
                { _, owner in
                    if let owner { Unmanaged<AnyObject>.fromOpaque(owner).release() }
                }, owner.toOpaque())
            if failed != 0 { owner.release() }
            return failed == 0
        }
    }
}

extension Duration {
    /// Whole milliseconds between 0 and a day, as options and timeouts of sockets take them.
    var inSocketOption: Int32 {
        let (seconds, attoseconds) = self.components
        return Int32(min(max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000), 86_400_000))
    }
}
