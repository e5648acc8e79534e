import EADCore
import EADTransport
import Synchronization
import Testing

@Suite struct BackPressureTests {
    private final class Count: Sendable {
        let value = Mutex(0)
    }

    private func narrow() -> TransportConfiguration {
        var configuration = TransportConfiguration()
        configuration.inboundHighWatermark = 8
        configuration.outboundHighWatermark = 8
        configuration.socketHighWatermark = 4
        return configuration
    }

    @Test func aSenderWaitsForASlowConsumerAndNothingIsLost() async throws {
        // Large messages, so that the kernel's buffers hold only a few.
        let payload = SharedBytes.pattern(1 << 20, seed: 3)
        let count = 100
        try await withTransports(2, self.narrow()) { transports in
            let listener = try await transports[0].listen(on: loopback)
            let connection = try await transports[1].connect(to: listener.endpoint, identity: [1])
            let accepted = Count()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 0..<count {
                        try await connection.send([SharedBytes("\(number)"), payload])
                        accepted.value.withLock { $0 += 1 }
                    }
                }
                // The queue of the listener fills, then the buffers, then the queue of the sender.
                try await eventually { transports[0].counters.messagesReceived >= 8 }
                try await eventually {
                    !connection.trySend([SharedBytes("extra")]) || accepted.value.withLock { $0 } == count
                }
                #expect(accepted.value.withLock { $0 } < count)
                var inbound = listener.inbound.makeAsyncIterator()
                var number = 0
                while number < count {
                    let message = try #require(await inbound.next())
                    if message.parts[0].text == "extra" { continue }
                    #expect(message.parts[0].text == "\(number)")
                    number += 1
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func aPeerThatDoesNotReadHoldsUpNobodyElse() async throws {
        let payload = SharedBytes.pattern(1 << 20, seed: 4)
        try await withTransports(3, self.narrow()) { transports in
            let listener = try await transports[0].listen(on: loopback)
            let slow = try await transports[1].connect(to: listener.endpoint, identity: Array("slow".utf8))
            let quick = try await transports[2].connect(to: listener.endpoint, identity: Array("quick".utf8))
            try await slow.send([SharedBytes("hello")])
            try await quick.send([SharedBytes("hello")])
            var inbound = listener.inbound.makeAsyncIterator()
            for _ in 0..<2 { _ = await inbound.next() }
            let slowPeer = Peer(routingID: Array("slow".utf8))
            let quickPeer = Peer(routingID: Array("quick".utf8))
            // Until every buffer towards the slow peer is full.
            var toSlow = 0
            while toSlow < 500 {
                guard listener.trySend([SharedBytes("s"), payload], to: slowPeer) else {
                    let sent = transports[0].counters.messagesSent
                    try await Task.sleep(for: .milliseconds(50))
                    if transports[0].counters.messagesSent == sent { break }
                    continue
                }
                toSlow += 1
            }
            #expect(toSlow < 500)
            var answers = quick.inbound.makeAsyncIterator()
            for number in 0..<50 {
                try await listener.send([SharedBytes("\(number)"), payload], to: quickPeer)
                #expect(await answers.next()?.parts.first?.text == "\(number)")
            }
            // The slow one gets everything once it reads.
            var late = slow.inbound.makeAsyncIterator()
            for _ in 0..<toSlow { #expect(await late.next()?.parts.first?.text == "s") }
        }
    }
}
