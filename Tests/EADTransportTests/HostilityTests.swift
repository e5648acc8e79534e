import EADCore
import EADTelemetry
import EADTransport
import Foundation
import Synchronization
import Testing

/// Whatever comes in over a plaintext port: the listener stays, its memory stays, and an honest peer is served.
@Suite(.serialized) struct HostilityTests {
    /// Runs `attack` against a listener, then checks that an honest peer is served as if nothing had been.
    private func attacked(
        maximumFrameBytes: Int = 1 << 20, maximumStrangers: Int? = nil,
        by attack: @escaping @Sendable (RawClient) throws -> Void,
        then check: (TransportCounters) -> Bool
    ) async throws {
        var configuration = TransportConfiguration()
        configuration.maximumFrameBytes = maximumFrameBytes
        if let maximumStrangers { configuration.maximumStrangers = maximumStrangers }
        configuration.heartbeatInterval = .milliseconds(200)
        configuration.heartbeatTimeout = .milliseconds(600)
        configuration.handshakeTimeout = .milliseconds(300)
        try await withTransports([configuration, TransportConfiguration()]) { transports in
            let listener = try await transports[0].listen(on: loopback)
            let endpoint = listener.endpoint
            try await onThread {
                let client = try RawClient(endpoint)
                try attack(client)
            }
            try await eventually { check(transports[0].counters) }
            let connection = try await transports[1].connect(to: endpoint, identity: Array("honest".utf8))
            try await connection.send([SharedBytes("hello")])
            var inbound = listener.inbound.makeAsyncIterator()
            let message = try #require(await inbound.next())
            // Nothing of the attack reached the consumer.
            #expect(message.peer?.routingID == Array("honest".utf8))
            #expect(message.parts.map(\.text) == ["hello"])
        }
    }

    @Test func anHTTPRequestIsTurnedAway() async throws {
        try await self.attacked { client in
            client.send(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
            client.waitUntilClosed()
        } then: {
            $0.connectionsAccepted == 1
        }
    }

    @Test func noiseIsTurnedAwayOrDropped() async throws {
        for seed in UInt64(0)..<10 {
            try await self.attacked { client in
                client.send([UInt8(truncatingIfNeeded: seed * 9 + 1)] + SharedBytes.pattern(8192, seed: seed).array)
                client.waitUntilClosed()
            } then: {
                $0.messagesReceived == 0 && $0.connectionsAccepted == 1
            }
        }
    }

    @Test func aMessageOfTheOldestProtocolIsDroppedAndCounted() async throws {
        try await self.attacked { client in
            // ZMTP 1.0: length, flags, body; first the (empty) identity, then a message of one frame.
            client.send([0x01, 0x00])
            client.send([0x06, 0x00] + Array("hello".utf8))
            client.waitUntilClosed()
        } then: {
            $0.refusals[\.unintroducedMessages] == 1 && $0.messagesReceived == 0
        }
    }

    @Test func aGreetingFollowedByNoiseIsTurnedAway() async throws {
        try await self.attacked { client in
            client.send(RawClient.greeting + SharedBytes.pattern(1024, seed: 1).array)
            client.waitUntilClosed()
        } then: {
            $0.refusals[\.handshakesFailed] == 1
        }
    }

    @Test func aSilentClientIsTurnedAway() async throws {
        try await self.attacked {
            $0.waitUntilClosed()
        } then: {
            $0.refusals[\.handshakesFailed] == 1
        }
    }

    @Test(arguments: [UInt64(1 << 20) + 1, UInt64(1 << 40), UInt64(Int64.max)])
    func aFrameOverTheLimitEndsTheConnection(length: UInt64) async throws {
        try await self.attacked { client in
            client.introduce()
            client.send(RawClient.header(length: length, more: false))
            client.waitUntilClosed()
        } then: {
            $0.disconnections == 1 && $0.messagesReceived == 0
        }
    }

    @Test func aFrameThatStopsHalfWayEndsTheConnection() async throws {
        try await self.attacked { client in
            client.introduce()
            client.send(RawClient.header(length: 1000, more: false) + [1, 2, 3])
            client.waitUntilClosed()
        } then: {
            $0.disconnections == 1 && $0.messagesReceived == 0
        }
    }

    @Test func aMessageOfThreePartsIsDroppedAndItsConnectionCut() async throws {
        try await self.attacked { client in
            client.introduce()
            client.send(RawClient.frame([1], more: true) + RawClient.frame([2], more: true))
            client.send(RawClient.frame([3], more: false))
            client.waitUntilClosed()
        } then: {
            $0.refusals[\.wrongPartCounts] == 1 && $0.refusals[\.connectionsCut] == 1 && $0.messagesReceived == 0
        }
    }

    @Test func aMessageWithoutEndIsCutBeforeItTakesMuchMemory() async throws {
        let taken = Mutex(0)
        try await self.attacked { client in
            client.introduce()
            let frame = RawClient.frame([UInt8](repeating: 7, count: 1 << 20), more: true)
            while taken.withLock({ $0 }) < 400, client.send(frame) { taken.withLock { $0 += 1 } }
            client.waitUntilClosed()
        } then: {
            $0.refusals[\.connectionsCut] == 1 && $0.messagesReceived == 0
        }
        // MiB that went to the socket, its buffers on both sides included.
        #expect(taken.withLock { $0 } < 128)
    }

    @Test func tinyPartsWithoutEndAreCutToo() async throws {
        let taken = Mutex(0)
        try await self.attacked { client in
            client.introduce()
            let frames = [UInt8]((0..<(1 << 18)).flatMap { _ in [UInt8(1), 0] })
            while taken.withLock({ $0 }) < 400, client.send(frames) { taken.withLock { $0 += 1 } }
            client.waitUntilClosed()
        } then: {
            $0.refusals[\.connectionsCut] == 1 && $0.messagesReceived == 0
        }
        // libzmq keeps 64 bytes for each of these parts of 2 bytes, 16 MiB for each piece that went to the socket.
        #expect(taken.withLock { $0 } < 32)
    }

    @Test func aThousandConnectionsThatSayNothingAreTurnedAway() async throws {
        try await self.attacked { first in
            // The limit is what one process may open; both ends are in this one.
            for _ in 0..<10 {
                let clients = try (0..<100).map { _ in try RawClient(first.endpoint) }
                for client in clients { client.waitUntilClosed() }
            }
            first.waitUntilClosed()
        } then: {
            $0.refusals[\.handshakesFailed] == 1001
        }
    }

    @Test func strangersBeyondTheLimitAreCutTheOldestFirst() async throws {
        try await self.attacked(maximumStrangers: 20) { first in
            // Introduced, so that no handshake's time limit ends them.
            let clients = try (0..<50).map { _ in try RawClient(first.endpoint) }
            for client in clients.prefix(30) { client.waitUntilClosed() }
        } then: {
            // Those that stayed within the limit are turned away for their silence.
            $0.refusals[\.connectionsCrowdedOut] >= 31 && $0.connectionsAccepted == 51
        }
    }
}
