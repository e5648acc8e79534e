/// The limits and times of every socket of a process; the defaults suit hosts with at least 10 Mbit/s between them.
package struct TransportConfiguration: Sendable {
    /// Longer frames end the connection they come from: a chunk of 4 MiB with room for an envelope beside it.
    package var maximumFrameBytes = (4 << 20) + (64 << 10)
    /// Envelope and payload; messages with more parts are dropped, and the connection they come from is cut.
    package var maximumPartsPerMessage = 2
    /// Messages waiting for the consumer of a socket; above it the socket is not read until half are gone.
    package var inboundHighWatermark = 1024
    /// Bytes waiting for the consumer of a socket; works like `inboundHighWatermark`.
    package var inboundHighWatermarkBytes = 64 << 20
    /// Messages waiting to be sent to one peer; above it `send` suspends and `trySend` declines.
    package var outboundHighWatermark = 256
    /// Bytes waiting to be sent to one peer; works like `outboundHighWatermark`.
    package var outboundHighWatermarkBytes = 64 << 20
    /// Messages libzmq itself may hold for one peer in each direction.
    package var socketHighWatermark = 32
    package var heartbeatInterval = Duration.seconds(3)
    /// Longer than a frame takes on the slowest link: no heartbeat passes within a frame.
    package var heartbeatTimeout = Duration.seconds(15)
    /// A connection that has not introduced itself by then is closed.
    package var handshakeTimeout = Duration.seconds(2)
    /// Accepted connections of one socket that have not delivered a message; the oldest beyond it are cut.
    package var maximumStrangers = DescriptorLimit.current.strangers
    package var reconnectInterval = Duration.milliseconds(100)
    /// Reconnection attempts slow down to this.
    package var maximumReconnectInterval = Duration.seconds(3)
    /// How long a stopping transport goes on sending what it accepted.
    package var linger = Duration.seconds(2)
    package var security: TransportSecurity

    package init(security: TransportSecurity = .plaintextLoopback) {
        self.security = security
    }

    /// Room for envelopes of so many bytes, where that is more than usual, and the time they take at 10 Mbit/s.
    package mutating func admit(envelopeBytes: Int) {
        self.maximumFrameBytes = max(self.maximumFrameBytes, envelopeBytes + (64 << 10))
        self.inboundHighWatermarkBytes = max(self.inboundHighWatermarkBytes, 2 * self.maximumFrameBytes)
        self.outboundHighWatermarkBytes = max(self.outboundHighWatermarkBytes, 2 * self.maximumFrameBytes)
        let seconds = Int64(2 * 8 * self.maximumFrameBytes / 10_000_000)
        self.heartbeatTimeout = max(self.heartbeatTimeout, .seconds(seconds))
    }
}

/// Who may talk to this process, and how.
package enum TransportSecurity: Sendable {
    /// No encryption and no authentication; every endpoint must be on loopback.
    case plaintextLoopback
    /// CURVE on every connection: this process proves who it is with `own`, and admits only `allowedClients`.
    case curve(own: CurveKeyPair, allowedClients: Set<CurvePublicKey>)
}
