/// What a transport has done and refused since it started.
package struct TransportCounters: Hashable, Sendable {
    package var messagesReceived: UInt64 = 0
    package var bytesReceived: UInt64 = 0
    package var messagesSent: UInt64 = 0
    package var bytesSent: UInt64 = 0
    package var connectionsAccepted: UInt64 = 0
    /// Established connections that ended, for whatever reason (a frame over the limit is one).
    package var disconnections: UInt64 = 0
    /// Connections that never became usable: not ZeroMQ, too slow, another security mechanism, a wrong server key.
    package var handshakesFailed: UInt64 = 0
    /// Clients whose key is not on the allow-list.
    package var authenticationsRefused: UInt64 = 0
    /// Messages with no part, or more parts than allowed.
    package var wrongPartCounts: UInt64 = 0
    /// Messages of peers that never introduced themselves: libzmq takes any bytes for its 1.0 protocol.
    package var unintroducedMessages: UInt64 = 0
    /// Connections cut because of a message that grew past every limit, or had too many parts.
    package var connectionsCut: UInt64 = 0
    /// Connections cut because too many had not said anything yet.
    package var connectionsCrowdedOut: UInt64 = 0
    /// Messages to a peer that is not connected.
    package var unroutableMessages: UInt64 = 0
    /// Messages accepted for sending but not sent when their socket was closed.
    package var unsentMessages: UInt64 = 0

    package init() {}

    /// The counts of what was refused, by a name for logs and status tables.
    package var rejections: [(name: String, count: UInt64)] {
        [
            ("handshakes_failed", self.handshakesFailed),
            ("authentications_refused", self.authenticationsRefused),
            ("wrong_part_counts", self.wrongPartCounts),
            ("unintroduced_messages", self.unintroducedMessages),
            ("connections_cut", self.connectionsCut),
            ("connections_crowded_out", self.connectionsCrowdedOut),
            ("unroutable_messages", self.unroutableMessages),
            ("unsent_messages", self.unsentMessages),
        ]
    }
}
