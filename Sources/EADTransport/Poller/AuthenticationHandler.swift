import CZMQ

/// Decides which CURVE clients may connect: the server side of ZAP (ZeroMQ RFC 27).
struct AuthenticationHandler: ~Copyable {
    /// libzmq asks this address, and asks only for sockets with a domain.
    private static let address = "inproc://zeromq.zap.01"
    static let domain = Array("ead".utf8)

    let socket: ZMQSocket
    private let allowed: Set<CurvePublicKey>
    private let frame = ReceivedFrame()

    init(_ context: borrowing ZMQContext, allowed: Set<CurvePublicKey>) throws(TransportError) {
        let socket = try ZMQSocket(context, type: ZMQ_REP)
        try socket.set(ZMQ_LINGER, Int32(0))
        guard zmq_bind(socket.raw, Self.address) == 0 else { throw .last("zmq_bind(\(Self.address))") }
        self.socket = socket
        self.allowed = allowed
    }

    /// Answers the questions that are there; returns the number of clients refused.
    func answer() -> UInt64 {
        var refused: UInt64 = 0
        while self.socket.receive(into: self.frame) {
            // version, request id, domain, address, identity, mechanism, credentials...
            var request = [Array(self.frame.bytes)]
            while self.frame.hasMore, self.socket.receive(into: self.frame) { request.append(Array(self.frame.bytes)) }
            let key = Self.key(of: request)
            let isAllowed = key.map { self.allowed.contains($0) } ?? false
            if !isAllowed { refused += 1 }
            let reply: [[UInt8]] = [
                Array("1.0".utf8), request.count > 1 ? request[1] : [], Array((isAllowed ? "200" : "400").utf8),
                Array((isAllowed ? "OK" : "this key is not allowed here").utf8),
                isAllowed ? Array((key?.z85 ?? "").utf8) : [], [],
            ]
            for (index, part) in reply.enumerated() {
                // An inproc reply can fail only when libzmq has given the question up; there is nobody to tell.
                _ = self.socket.send(part, more: index + 1 < reply.count)
            }
        }
        return refused
    }

    private static func key(of request: [[UInt8]]) -> CurvePublicKey? {
        guard request.count == 7, request[0] == Array("1.0".utf8), request[2] == Self.domain,
            request[5] == Array("CURVE".utf8)
        else { return nil }
        return CurvePublicKey(bytes: request[6])
    }
}
