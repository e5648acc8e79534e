import CZMQ
import EADCore
import EADTelemetry
import Glibc

extension Poller {
    /// Messages taken from, or given to, one socket before the others have their turn.
    private static let batch = 256

    // MARK: Receiving

    /// Hands messages that have arrived to the socket's consumer, until it is told to pause.
    func receive(_ socket: PolledSocket) {
        socket.isDrained = false
        var remaining = Self.batch
        while !socket.isPaused, remaining > 0 {
            remaining -= 1
            guard let outcome = self.receiveMessage(socket) else {
                socket.isDrained = true
                return
            }
            if let message = outcome.message, !socket.port.inbound.push(message) { socket.isPaused = true }
        }
    }

    private struct Reception {
        /// Nil when it was refused.
        var message: InboundMessage?
    }

    /// Takes one message; nil when there is none.
    private func receiveMessage(_ socket: PolledSocket) -> Reception? {
        var (peer, publicKey) = (Peer?.none, CurvePublicKey?.none)
        if socket.isListener {
            guard socket.socket.receive(into: self.scratch) else { return nil }
            peer = Peer(routingID: Array(self.scratch.bytes))
        }
        let limit = self.core.configuration.maximumPartsPerMessage
        var parts: [SharedBytes] = []
        var count = 0
        var descriptor: Int32 = -1
        var isIntroduced = false
        var hasMore = socket.isListener ? self.scratch.hasMore : true
        while hasMore {
            // Parts beyond the limit are read, as they stand before the next message, but not kept.
            let frame = count < limit ? ReceivedFrame() : self.scratch
            guard socket.socket.receive(into: frame) else {
                if count == 0 && !socket.isListener { return nil }
                break
            }
            if count == 0 {
                descriptor = frame.descriptor
                isIntroduced = frame.isIntroduced
                if socket.isListener, case .curve = self.core.configuration.security { publicKey = frame.userKey }
            }
            if count < limit { parts.append(SharedBytes(frame.bytes, keepingAlive: frame)) }
            count += 1
            hasMore = frame.hasMore
        }
        socket.connections.delivered(descriptor)
        guard isIntroduced || count == 0 else {
            self.count { $0.refusals[\.unintroducedMessages] += 1 }
            self.cut(descriptor, of: socket, because: "its peer did not introduce itself")
            return Reception()
        }
        guard (1...limit).contains(count) else {
            self.count { $0.refusals[\.wrongPartCounts] += 1 }
            self.cut(descriptor, of: socket, because: "it sent a message of \(count) parts")
            return Reception()
        }
        let bytes = parts.reduce(0) { $0 + $1.count }
        self.count {
            $0.messagesReceived += 1
            $0.bytesReceived += UInt64(bytes)
        }
        return Reception(message: InboundMessage(peer: peer, publicKey: publicKey, parts: parts))
    }

    // MARK: Sending

    /// Sends what waits, a batch per peer; the rest stays flagged.
    func flush(_ socket: PolledSocket) {
        socket.mustFlush = false
        for lane in socket.port.outbound.lanes() where !socket.blockedLanes.contains(lane) {
            var remaining = Self.batch
            while remaining > 0, let message = socket.port.outbound.first(of: lane) {
                remaining -= 1
                let failure = self.send(message, to: lane, socket)
                if failure == EAGAIN {
                    socket.blockedLanes.insert(lane)
                    break
                }
                socket.port.outbound.removeFirst(of: lane)
                self.count {
                    if failure == 0 {
                        $0.messagesSent += 1
                        $0.bytesSent += UInt64(message.byteCount)
                    } else {
                        // EHOSTUNREACH: the peer is gone. Nothing else is expected, and nothing else could be done.
                        $0.refusals[\.unroutableMessages] += 1
                    }
                }
            }
            if remaining == 0 { socket.mustFlush = true }
        }
    }

    /// Sends one message; 0 or the `errno` value. Only the first frame can fail: the rest goes with it.
    private func send(
        _ message: OutboundQueue.Message, to lane: OutboundQueue.LaneID, _ socket: PolledSocket
    ) -> Int32 {
        if socket.isListener {
            let failure = socket.socket.send(lane, more: true)
            if failure != 0 { return failure }
        }
        for (index, part) in message.parts.enumerated() {
            let failure = socket.socket.send(part, more: index + 1 < message.parts.count)
            if failure != 0 { return failure }
        }
        return 0
    }
}
