import EADCore

/// What a socket's users and the poller thread share.
final class Port: Sendable {
    typealias ID = Int

    let id: ID
    let inbound: InboundQueue
    let outbound: OutboundQueue
    private let mailbox: Mailbox
    private let maximumFrameBytes: Int
    private let maximumParts: Int

    init(id: ID, configuration: TransportConfiguration, mailbox: Mailbox) {
        self.id = id
        self.mailbox = mailbox
        self.maximumFrameBytes = configuration.maximumFrameBytes
        self.maximumParts = configuration.maximumPartsPerMessage
        self.inbound = InboundQueue(
            highWatermark: configuration.inboundHighWatermark,
            highWatermarkBytes: configuration.inboundHighWatermarkBytes,
            resume: { mailbox.post(.resumeReading(id)) })
        self.outbound = OutboundQueue(
            highWatermark: configuration.outboundHighWatermark,
            highWatermarkBytes: configuration.outboundHighWatermarkBytes,
            wake: { mailbox.post(.flush(id)) })
    }

    func send(_ parts: [SharedBytes], to lane: OutboundQueue.LaneID) async throws(TransportError) {
        try await self.outbound.send(self.message(parts), to: lane)
    }

    func trySend(_ parts: [SharedBytes], to lane: OutboundQueue.LaneID) -> Bool {
        guard let message = try? self.message(parts) else {
            // A message that no receiver would take is declined like any other; `send` says why.
            return false
        }
        return self.outbound.trySend(message, to: lane)
    }

    /// Returns when the socket is closed; messages accepted before are still sent within the linger time.
    func close() async {
        let reply = Reply<Void>()
        guard self.mailbox.post(.close(self.id, reply)) else { return }
        // Fails only when the task is cancelled, and then the socket is closed all the same.
        _ = try? await reply.value()
    }

    private func message(_ parts: [SharedBytes]) throws(TransportError) -> OutboundQueue.Message {
        guard (1...self.maximumParts).contains(parts.count) else {
            throw TransportError(.wrongPartCount, "a message has 1 to \(self.maximumParts) parts, not \(parts.count)")
        }
        for part in parts where part.count > self.maximumFrameBytes {
            throw TransportError(
                .frameTooLong, "a frame of \(part.count) bytes exceeds the limit of \(self.maximumFrameBytes)")
        }
        return OutboundQueue.Message(parts: parts)
    }
}
