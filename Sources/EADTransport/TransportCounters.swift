/// What a transport has done and refused since it started.
public struct TransportCounters: Hashable, Sendable {
    public var messagesReceived: UInt64 = 0
    public var bytesReceived: UInt64 = 0
    public var messagesSent: UInt64 = 0
    public var bytesSent: UInt64 = 0
    public var connectionsAccepted: UInt64 = 0
    /// Established connections that ended, for whatever reason (a frame over the limit is one).
    public var disconnections: UInt64 = 0
    /// Connections that never became usable: not ZeroMQ, too slow, another security mechanism, a wrong server key.
    public var handshakesFailed: UInt64 = 0
    /// Clients whose key is not on the allow-list.
    public var authenticationsRefused: UInt64 = 0
    /// Messages with no part, or more parts than allowed.
    public var wrongPartCounts: UInt64 = 0
    /// Messages of peers that never introduced themselves: libzmq takes any bytes for its 1.0 protocol.
    public var unintroducedMessages: UInt64 = 0
    /// Connections cut because of a message that grew past every limit, or had too many parts.
    public var connectionsCut: UInt64 = 0
    /// Messages to a peer that is not connected.
    public var unroutableMessages: UInt64 = 0
    /// Messages accepted for sending but not sent when their socket was closed.
    public var unsentMessages: UInt64 = 0

    public init() {}

    /// The counts of what was refused, by a name for logs and status tables.
    public var rejections: [(name: String, count: UInt64)] {
        [
            ("handshakes_failed", self.handshakesFailed),
            ("authentications_refused", self.authenticationsRefused),
            ("wrong_part_counts", self.wrongPartCounts),
            ("unintroduced_messages", self.unintroducedMessages),
            ("connections_cut", self.connectionsCut),
            ("unroutable_messages", self.unroutableMessages),
            ("unsent_messages", self.unsentMessages),
        ]
    }
}
