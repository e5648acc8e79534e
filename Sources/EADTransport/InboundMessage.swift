package import EADCore

/// The other end of a connection to a listener.
package struct Peer: Hashable, Sendable, CustomStringConvertible {
    /// The identity the other side gave itself when it connected; answers are addressed to it.
    package var routingID: [UInt8]
    /// The key the connection was authenticated with; nil on a plaintext connection.
    ///
    /// Another client that is allowed in may take over a routing id; its messages then carry its own key.
    package var publicKey: CurvePublicKey?

    package init(routingID: [UInt8], publicKey: CurvePublicKey? = nil) {
        self.routingID = routingID
        self.publicKey = publicKey
    }

    package var description: String {
        let printable = self.routingID.allSatisfy { (0x20..<0x7F).contains($0) }
        return printable
            ? String(decoding: self.routingID, as: UTF8.self)
            : self.routingID.map { String($0, radix: 16) }.joined(separator: ":")
    }
}

/// A message as it came from the wire.
package struct InboundMessage: Sendable {
    /// Who sent it; nil on a connection, where it can only be the server.
    package var peer: Peer?
    /// One part (envelope) or two (envelope, payload).
    package var parts: [SharedBytes]

    package init(peer: Peer?, parts: [SharedBytes]) {
        self.peer = peer
        self.parts = parts
    }
}
