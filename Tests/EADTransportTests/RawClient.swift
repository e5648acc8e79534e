import EADCore
import Glibc

/// A TCP client that speaks as little ZeroMQ as it likes; blocking, for use on a thread of its own.
final class RawClient {
    struct Failure: Error { var call: String }

    /// ZMTP 3.0 with the NULL mechanism, as a client.
    static let greeting: [UInt8] =
        [0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 3, 0] + Array("NULL".utf8) + [UInt8](repeating: 0, count: 48)

    let endpoint: Endpoint
    private let descriptor: Int32

    init(_ endpoint: Endpoint) throws {
        self.endpoint = endpoint
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = endpoint.port.bigEndian
        guard inet_pton(AF_INET, endpoint.host, &address.sin_addr) == 1 else { throw Failure(call: "inet_pton") }
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(self.descriptor, $0, size) }
        }
        guard failed == 0 else { throw Failure(call: "connect") }
    }

    deinit { close(self.descriptor) }

    /// Goes through the handshake of a DEALER without a routing id.
    func introduce() {
        self.send(Self.greeting)
        _ = self.receiveAll(64)
        let type = Array("Socket-Type".utf8)
        let ready = [5] + Array("READY".utf8) + [UInt8(type.count)] + type + [0, 0, 0, 6] + Array("DEALER".utf8)
        self.send([4, UInt8(ready.count)] + ready)
        // A message before the other side's READY would break the protocol.
        let header = self.receiveAll(2)
        if header.count == 2 { _ = self.receiveAll(Int(header[1])) }
    }

    /// A message frame with a long length field.
    static func frame(_ body: [UInt8], more: Bool) -> [UInt8] {
        self.header(length: UInt64(body.count), more: more) + body
    }

    static func header(length: UInt64, more: Bool) -> [UInt8] {
        [more ? 3 : 2] + (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(56 - 8 * $0)) }
    }

    /// Sends everything; false when the other side has closed.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(
                    self.descriptor, buffer.baseAddress! + sent, buffer.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    /// The next bytes, at most `count`; empty when the other side has closed.
    func receive(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let received = recv(self.descriptor, &bytes, count, 0)
        return Array(bytes.prefix(max(0, received)))
    }

    /// The next `count` bytes; fewer when the other side has closed.
    func receiveAll(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let next = self.receive(count - bytes.count)
            if next.isEmpty { break }
            bytes += next
        }
        return bytes
    }

    /// Returns when the other side closes, however long that takes.
    func waitUntilClosed() {
        while !self.receive(4096).isEmpty {}
    }
}
