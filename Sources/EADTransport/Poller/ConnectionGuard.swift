import CEADPosix
import Glibc

/// Finds connections that pour an endless message into libzmq, which hands a message on only when it is complete and
/// neither limits its parts nor applies its high watermark to them; and connections of strangers, when they are too many.
///
/// What a connection has read since it last delivered a message can only be an unfinished message. The count comes
/// from the kernel; it is compared from tick to tick.
struct ConnectionGuard {
    private struct Connection {
        /// Bytes read by the last tick after a delivery.
        var baseline: UInt64 = 0
        /// Bytes read at the latest tick, before what had arrived was received.
        var sample: UInt64 = 0
        /// Since the last tick.
        var hasDelivered = false
        /// Counts the connections accepted before it, while it has delivered nothing; nil for all others.
        var stranger: UInt64?
    }

    private var connections: [Int32: Connection] = [:]
    private var accepted: UInt64 = 0
    /// Accepted connections that have not delivered a message yet.
    private(set) var strangers = 0
    /// Whether much arrived between the last two ticks.
    private(set) var isBusy = false

    var count: Int { self.connections.count }

    /// Watches a connection. Messages may have come over it already: the report can be later than they are.
    /// - Parameter isAccepted: Whether its peer came to us.
    mutating func opened(_ descriptor: Int32, isAccepted: Bool) {
        self.closed(descriptor)
        self.connections[descriptor] = Connection(hasDelivered: true, stranger: isAccepted ? self.accepted : nil)
        guard isAccepted else { return }
        self.accepted += 1
        self.strangers += 1
    }

    mutating func closed(_ descriptor: Int32) {
        guard let connection = self.connections.removeValue(forKey: descriptor) else { return }
        if connection.stranger != nil { self.strangers -= 1 }
    }

    mutating func delivered(_ descriptor: Int32) {
        guard let connection = self.connections[descriptor] else { return }
        if connection.stranger != nil { self.strangers -= 1 }
        self.connections[descriptor]?.stranger = nil
        self.connections[descriptor]?.hasDelivered = true
    }

    /// The oldest strangers beyond the `limit` youngest: an honest peer says something soon after it came.
    func crowd(limit: Int) -> [Int32] {
        guard self.strangers > limit else { return [] }
        let found = self.connections.compactMap { descriptor, connection in
            connection.stranger.map { (age: $0, descriptor: descriptor) }
        }
        return found.sorted { $0.age < $1.age }.prefix(self.strangers - limit).map(\.descriptor)
    }

    /// Notes how much each connection has read. Receive everything there is before calling `overgrown`.
    mutating func sample() {
        self.isBusy = false
        for (descriptor, var connection) in self.connections {
            // A descriptor that is being closed has no count any more; libzmq reports it as disconnected.
            guard let bytes = Self.bytesRead(descriptor) else { continue }
            if bytes > connection.sample + (64 << 10) { self.isBusy = true }
            // The count may lag behind what it was before, as it is made of two.
            connection.sample = max(connection.sample, bytes)
            self.connections[descriptor] = connection
        }
    }

    /// The connections whose unfinished message is longer than `limit` bytes.
    mutating func overgrown(limit: Int) -> [Int32] {
        var found: [Int32] = []
        for (descriptor, var connection) in self.connections {
            if connection.hasDelivered {
                // Read anew: what was delivered after the sample must not count as unfinished at the next tick.
                connection.baseline = max(connection.sample, Self.bytesRead(descriptor) ?? 0)
                connection.hasDelivered = false
                self.connections[descriptor] = connection
            } else if connection.sample > connection.baseline + UInt64(limit) {
                found.append(descriptor)
            }
        }
        return found
    }

    private static func bytesRead(_ descriptor: Int32) -> UInt64? {
        var bytes: UInt64 = 0
        return ead_tcp_bytes_read(descriptor, &bytes) == 0 ? bytes : nil
    }

    /// Breaks a connection off; false when it is not one of these. libzmq then frees what it had gathered.
    mutating func cut(_ descriptor: Int32) -> Bool {
        guard self.connections[descriptor] != nil else { return false }
        self.closed(descriptor)
        // libzmq sees the end of the stream and closes; not lingering makes that a reset, which frees both ends at once.
        var abrupt = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &abrupt, socklen_t(MemoryLayout<linger>.size))
        return shutdown(descriptor, Int32(SHUT_RDWR)) == 0
    }
}
