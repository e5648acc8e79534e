package import EADCore

/// A socket that any number of peers connect to.
package struct Listener: Sendable {
    let port: Port
    /// Where it listens, with the port number the system chose if 0 was asked for.
    package let endpoint: Endpoint

    /// What the peers send; one consumer.
    package var inbound: InboundMessages { InboundMessages(queue: self.port.inbound) }

    /// Hands `parts` over for sending to a peer; waits while too much waits for that peer already.
    ///
    /// A message to a peer that is no longer connected is dropped and counted: only an answer proves delivery.
    ///
    /// - Throws: `closed`, `stopped`, `cancelled`, `frameTooLong` or `wrongPartCount`.
    package func send(_ parts: [SharedBytes], to peer: Peer) async throws(TransportError) {
        try await self.port.send(parts, to: peer.routingID)
    }

    /// Hands `parts` over for sending if that is possible at once.
    package func trySend(_ parts: [SharedBytes], to peer: Peer) -> Bool {
        self.port.trySend(parts, to: peer.routingID)
    }

    /// Closes the socket and its connections; ends `inbound`.
    package func close() async { await self.port.close() }
}
