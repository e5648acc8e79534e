package import EADCore

/// A message as it came from the wire.
package struct InboundMessage: Sendable {
    /// Who sent it; nil on a connection, where it can only be the server.
    package var peer: Peer?
    /// The key the peer was authenticated with; nil on a plaintext connection.
    ///
    /// Another client that is allowed in may take over a routing id; its messages then carry its own key.
    package var publicKey: CurvePublicKey?
    /// One part (envelope) or two (envelope, payload).
    package var parts: [SharedBytes]

    package init(peer: Peer?, publicKey: CurvePublicKey? = nil, parts: [SharedBytes]) {
        self.peer = peer
        self.publicKey = publicKey
        self.parts = parts
    }
}
