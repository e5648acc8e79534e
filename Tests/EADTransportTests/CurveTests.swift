import EADCore
import EADTelemetry
import EADTransport
import Foundation
import Testing

/// Two addresses of one machine stand for two hosts; TwoHostTests does it over a network.
@Suite struct CurveTests {
    /// Another address than every other test's; on Linux all of 127/8 is loopback.
    private let address = Endpoint(host: "127.0.0.2", port: 0)

    private func configuration(
        _ own: CurveKeyPair, allowing clients: Set<CurvePublicKey> = []
    ) -> TransportConfiguration {
        var configuration = TransportConfiguration(security: .curve(own: own, allowedClients: clients))
        // What a refused client could not send need not be waited for.
        configuration.linger = .milliseconds(50)
        return configuration
    }

    @Test func aClientOnTheListIsHeardAndKnownByItsKey() async throws {
        let (server, client) = (try CurveKeyPair.generate(), try CurveKeyPair.generate())
        let configurations = [
            self.configuration(server, allowing: [client.publicKey]), self.configuration(client),
        ]
        try await withTransports(configurations) { transports in
            let listener = try await transports[0].listen(on: self.address)
            let connection = try await transports[1].connect(
                to: listener.endpoint, identity: Array("w".utf8), serverKey: server.publicKey)
            let chunk = SharedBytes.pattern(4 << 20, seed: 5)
            try await connection.send([SharedBytes("secret"), chunk])
            var inbound = listener.inbound.makeAsyncIterator()
            let message = try #require(await inbound.next())
            #expect(message.peer == Peer(routingID: Array("w".utf8)) && message.publicKey == client.publicKey)
            #expect(message.parts[1] == chunk)
            try await listener.send([SharedBytes("answer")], to: try #require(message.peer))
            var answers = connection.inbound.makeAsyncIterator()
            #expect(await answers.next()?.parts.first?.text == "answer")
        }
    }

    /// Doctor's questions must not look like attacks.
    @Test func aProbeGoesThroughTheHandshakeAndIsNoFailure() async throws {
        let (server, known, stranger) = (
            try CurveKeyPair.generate(), try CurveKeyPair.generate(), try CurveKeyPair.generate()
        )
        func probe(_ endpoint: Endpoint, _ own: CurveKeyPair) async throws -> HandshakeProbe.Outcome {
            try await Task.detached {
                try HandshakeProbe.run(
                    endpoint, security: .curve(own: own, allowedClients: []), serverKey: server.publicKey,
                    timeout: .seconds(5))
            }.value
        }
        try await withTransports([self.configuration(server, allowing: [known.publicKey])]) { transports in
            let listener = try await transports[0].listen(on: self.address)
            #expect(try await probe(listener.endpoint, known) == .succeeded)
            try await eventually { transports[0].counters.disconnections == 1 }
            #expect(transports[0].counters.refusals.isEmpty)
            guard case .refused = try await probe(listener.endpoint, stranger) else {
                Issue.record("a stranger was let in")
                return
            }
            let nobody = Endpoint(host: "127.0.0.2", port: 9)
            let outcome = try HandshakeProbe.run(
                nobody, security: .curve(own: known, allowedClients: []), serverKey: server.publicKey,
                timeout: .milliseconds(200))
            #expect(outcome == .silent)
        }
    }

    @Test func aKeyThatIsNotOnTheListIsRefused() async throws {
        let (server, known, stranger) = (
            try CurveKeyPair.generate(), try CurveKeyPair.generate(), try CurveKeyPair.generate()
        )
        let configurations = [
            self.configuration(server, allowing: [known.publicKey]), self.configuration(stranger),
            self.configuration(known),
        ]
        try await withTransports(configurations) { transports in
            let listener = try await transports[0].listen(on: self.address)
            let refused = try await transports[1].connect(
                to: listener.endpoint, identity: Array("w".utf8), serverKey: server.publicKey)
            #expect(refused.trySend([SharedBytes("let me in")]))
            try await eventually { transports[0].counters.refusals[\.authenticationsRefused] >= 1 }
            try await eventually { transports[1].counters.refusals[\.handshakesFailed] >= 1 }
            try await self.expectOnly(transports[2], toBeHeardBy: listener, serverKey: server.publicKey)
            #expect(transports[0].counters.messagesReceived == 1)
            #expect(transports[1].counters.messagesSent == 0)
        }
    }

    @Test func aClientThatExpectsAnotherServerDoesNotTalkToThisOne() async throws {
        let (server, client, other) = (
            try CurveKeyPair.generate(), try CurveKeyPair.generate(), try CurveKeyPair.generate()
        )
        let configurations = [
            self.configuration(server, allowing: [client.publicKey]), self.configuration(client),
        ]
        try await withTransports(configurations) { transports in
            let listener = try await transports[0].listen(on: self.address)
            let deceived = try await transports[1].connect(
                to: listener.endpoint, identity: [1], serverKey: other.publicKey)
            #expect(deceived.trySend([SharedBytes("for other only")]))
            try await eventually { transports[0].counters.refusals[\.handshakesFailed] >= 1 }
            await deceived.close()
            try await self.expectOnly(transports[1], toBeHeardBy: listener, serverKey: server.publicKey)
            #expect(transports[0].counters.messagesReceived == 1)
        }
    }

    @Test func aStrangerWithoutAKeyIsRefused() async throws {
        let (server, client) = (try CurveKeyPair.generate(), try CurveKeyPair.generate())
        let configurations = [
            self.configuration(server, allowing: [client.publicKey]), TransportConfiguration(),
            self.configuration(client),
        ]
        try await withTransports(configurations) { transports in
            let listener = try await transports[0].listen(on: self.address)
            let stranger = try await transports[1].connect(to: listener.endpoint, identity: [1])
            #expect(stranger.trySend([SharedBytes("plain")]))
            try await eventually { transports[0].counters.refusals[\.handshakesFailed] >= 1 }
            try await self.expectOnly(transports[2], toBeHeardBy: listener, serverKey: server.publicKey)
            #expect(transports[0].counters.messagesReceived == 1)
            #expect(transports[1].counters.messagesSent == 0)
        }
    }

    /// Noise that a plaintext listener would take for messages of ZMTP 1.0.
    @Test func noiseIsNoMessage() async throws {
        let server = try CurveKeyPair.generate()
        try await withTransports([self.configuration(server)]) { transports in
            let listener = try await transports[0].listen(on: self.address)
            let endpoint = listener.endpoint
            for seed in UInt64(0)..<20 {
                let noise = SharedBytes.pattern(4096, seed: seed).array
                try await onThread {
                    let client = try RawClient(endpoint)
                    client.send([0x05] + noise)
                    client.waitUntilClosed()
                }
            }
            try await eventually { transports[0].counters.connectionsAccepted == 20 }
            #expect(transports[0].counters.messagesReceived == 0)
        }
    }

    @Test func plaintextStaysOnLoopback() async throws {
        try await withTransports(1) { transports in
            for host in ["0.0.0.0", "192.0.2.1", "[::]", "learner.lan"] {
                let endpoint = Endpoint(host: host, port: 5555)
                let listening = try await #require(throws: TransportError.self) {
                    _ = try await transports[0].listen(on: endpoint)
                }
                #expect(listening.code == .plaintextRefused)
                let connecting = try await #require(throws: TransportError.self) {
                    _ = try await transports[0].connect(to: endpoint, identity: [1])
                }
                #expect(connecting.code == .plaintextRefused)
            }
        }
    }

    @Test func connectingWithCurveNeedsTheServersKey() async throws {
        try await withTransports([self.configuration(try CurveKeyPair.generate())]) { transports in
            let error = try await #require(throws: TransportError.self) {
                _ = try await transports[0].connect(to: self.address, identity: [1])
            }
            #expect(error.code == .serverKeyMissing)
        }
    }

    private func expectOnly(
        _ transport: Transport, toBeHeardBy listener: Listener, serverKey: CurvePublicKey
    ) async throws {
        let connection = try await transport.connect(
            to: listener.endpoint, identity: Array("known".utf8), serverKey: serverKey)
        try await connection.send([SharedBytes("it is me")])
        var inbound = listener.inbound.makeAsyncIterator()
        let message = try #require(await inbound.next())
        #expect(message.peer?.routingID == Array("known".utf8))
    }
}
