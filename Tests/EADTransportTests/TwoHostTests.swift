import EADCore
import EADTelemetry
import EADTransport
import Testing

/// The same as CurveTests, between hosts that only a network joins.
@Suite(
    .enabled(if: VirtualHosts.obstacle == nil, "\(VirtualHosts.obstacle ?? "")"), .serialized)
struct TwoHostTests {
    @Test func onlyAClientWithAnAdmittedKeyIsHeardAcrossTheNetwork() async throws {
        let hosts = try VirtualHosts()
        defer { hosts.remove() }
        let (server, known, stranger) = (
            try CurveKeyPair.generate(), try CurveKeyPair.generate(), try CurveKeyPair.generate()
        )
        let listening = try self.transport(server, allowing: [known.publicKey])
        let admitted = try self.transport(known)
        let refused = try self.transport(stranger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { for transport in [listening, admitted, refused] { transport.stop() } }
            group.addTask(executorPreference: hosts.server) { try await listening.run() }
            group.addTask(executorPreference: hosts.client) { try await admitted.run() }
            group.addTask(executorPreference: hosts.client) { try await refused.run() }

            let listener = try await listening.listen(on: Endpoint(host: VirtualHosts.serverAddress, port: 0))
            let outsider = try await refused.connect(
                to: listener.endpoint, identity: Array("w".utf8), serverKey: server.publicKey)
            #expect(outsider.trySend([SharedBytes("let me in")]))
            try await eventually { listening.counters.refusals[\.authenticationsRefused] >= 1 }

            let endpoint = listener.endpoint
            let plain = try await self.onHost(hosts.client) {
                try await onThread {
                    let client = try RawClient(endpoint)
                    client.introduce()
                    client.send(RawClient.frame([1, 2, 3], more: false))
                    client.waitUntilClosed()
                    return true
                }
            }
            #expect(plain)

            let connection = try await admitted.connect(
                to: listener.endpoint, identity: Array("w".utf8), serverKey: server.publicKey)
            let chunk = SharedBytes.pattern(4 << 20, seed: 9)
            try await connection.send([SharedBytes("hello"), chunk])
            var inbound = listener.inbound.makeAsyncIterator()
            let message = try #require(await inbound.next())
            #expect(message.publicKey == known.publicKey)
            #expect(message.parts.last == chunk)
            #expect(listening.counters.messagesReceived == 1)
            #expect(refused.counters.messagesSent == 0)
        }
    }

    /// Runs `body` so that the threads it starts are on `host`.
    private func onHost<R: Sendable>(
        _ host: VirtualHost, _ body: @escaping @Sendable () async throws -> R
    ) async throws -> R {
        try await withTaskExecutorPreference(host) { try await body() }
    }

    private func transport(
        _ own: CurveKeyPair, allowing clients: Set<CurvePublicKey> = []
    ) throws -> Transport {
        var configuration = TransportConfiguration(security: .curve(own: own, allowedClients: clients))
        configuration.linger = .milliseconds(50)
        return try Transport(configuration: configuration, logger: silentLogger)
    }
}
