package import EADCore

/// A socket that talks to one listener, and reconnects to it by itself for as long as it is open.
package struct Connection: Sendable {
    let port: Port

    /// What the server sends; one consumer.
    package var inbound: InboundMessages { InboundMessages(queue: self.port.inbound) }

    /// Hands `parts` over for sending; waits while too much waits already, as it does when the server is away.
    ///
    /// What is on its way when the connection breaks is lost: only an answer proves delivery.
    ///
    /// - Throws: `closed`, `stopped`, `cancelled`, `frameTooLong` or `wrongPartCount`.
    package func send(_ parts: [SharedBytes]) async throws(TransportError) {
        try await self.port.send(parts, to: [])
    }

    /// Hands `parts` over for sending if that is possible at once.
    package func trySend(_ parts: [SharedBytes]) -> Bool {
        self.port.trySend(parts, to: [])
    }

    /// Closes the socket; ends `inbound`.
    package func close() async { await self.port.close() }
}
