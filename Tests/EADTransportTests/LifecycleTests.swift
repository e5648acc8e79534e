import EADCore
import EADTelemetry
import EADTransport
import Testing

@Suite struct LifecycleTests {
    @Test func aThousandSocketsOpenAndClose() async throws {
        try await withTransports(1) { transports in
            let transport = transports[0]
            for round in 0..<500 {
                let listener = try await transport.listen(on: loopback)
                let connection = try await transport.connect(to: listener.endpoint, identity: [1])
                if round % 50 == 0 {
                    try await connection.send([SharedBytes("x")])
                    var inbound = listener.inbound.makeAsyncIterator()
                    #expect(await inbound.next() != nil)
                }
                await connection.close()
                await listener.close()
            }
        }
    }

    @Test func closingEndsTheMessagesAfterThoseThatCame() async throws {
        try await withTransports(1) { transports in
            let listener = try await transports[0].listen(on: loopback)
            let connection = try await transports[0].connect(to: listener.endpoint, identity: [1])
            for number in 0..<3 { try await connection.send([SharedBytes("\(number)")]) }
            try await eventually { transports[0].counters.messagesReceived == 3 }
            await listener.close()
            var texts: [String] = []
            for await message in listener.inbound { texts.append(message.parts[0].text) }
            #expect(texts == ["0", "1", "2"])
            await #expect(throws: TransportError.closed) { try await listener.send([SharedBytes("x")], to: peer) }
            #expect(!listener.trySend([SharedBytes("x")], to: peer))
        }
    }

    @Test func stoppingSendsWhatWasAccepted() async throws {
        try await withTransports(1) { receivers in
            let listener = try await receivers[0].listen(on: loopback)
            try await withTransports(1) { senders in
                let connection = try await senders[0].connect(to: listener.endpoint, identity: [1])
                for number in 0..<200 { try await connection.send([SharedBytes("\(number)")]) }
            }
            var inbound = listener.inbound.makeAsyncIterator()
            for number in 0..<200 { #expect(await inbound.next()?.parts.first?.text == "\(number)") }
        }
    }

    @Test func stoppingEndsAllWaiting() async throws {
        var configuration = TransportConfiguration()
        configuration.outboundHighWatermark = 1
        configuration.linger = .milliseconds(10)
        let transport = try Transport(configuration: configuration, logger: silentLogger)
        try await withThrowingTaskGroup(of: String.self) { group in
            group.addTask {
                try await transport.run()
                return "run"
            }
            let listener = try await transport.listen(on: loopback)
            // Nobody listens there, so that the second message has to wait.
            let away = Endpoint(host: "127.0.0.1", port: 1)
            let connection = try await transport.connect(to: away, identity: [1])
            try await connection.send([SharedBytes("queued")])
            group.addTask {
                await #expect(throws: TransportError.stopped) { try await connection.send([SharedBytes("waits")]) }
                return "send"
            }
            group.addTask {
                for await _ in connection.inbound {}
                return "connection"
            }
            group.addTask {
                for await _ in listener.inbound {}
                return "listener"
            }
            transport.stop()
            var ended: Set<String> = []
            for try await name in group { ended.insert(name) }
            #expect(ended == ["run", "send", "connection", "listener"])
            #expect(transport.counters.refusals[\.unsentMessages] == 1)
            await #expect(throws: TransportError.stopped) { try await connection.send([SharedBytes("late")]) }
            await #expect(throws: TransportError.stopped) { _ = try await transport.listen(on: loopback) }
            await connection.close()
        }
    }

    @Test func cancellingRunStopsTheTransport() async throws {
        let transport = try Transport(configuration: TransportConfiguration(), logger: silentLogger)
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await transport.run() }
            // Listening returns once the transport runs.
            await #expect(throws: Never.self) { _ = try await transport.listen(on: loopback) }
            group.cancelAll()
        }
    }

    @Test func aWaitingSenderCanBeCancelled() async throws {
        var configuration = TransportConfiguration()
        configuration.outboundHighWatermark = 1
        configuration.linger = .zero
        try await withTransports(1, configuration) { transports in
            let away = Endpoint(host: "127.0.0.1", port: 1)
            let connection = try await transports[0].connect(to: away, identity: [1])
            try await connection.send([SharedBytes("queued")])
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        await #expect(throws: TransportError.cancelled) {
                            try await connection.send([SharedBytes("waits")])
                        }
                    }
                }
                group.cancelAll()
            }
            #expect(!connection.trySend([SharedBytes("full")]))
        }
    }

    @Test func aWaitingConsumerCanBeCancelled() async throws {
        try await withTransports(1) { transports in
            let listener = try await transports[0].listen(on: loopback)
            await withTaskGroup(of: Void.self) { group in
                group.addTask { for await _ in listener.inbound {} }
                group.cancelAll()
            }
        }
    }

    @Test func listeningBeforeRunWaitsAndCanBeCancelled() async throws {
        let transport = try Transport(configuration: TransportConfiguration(), logger: silentLogger)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: TransportError.cancelled) { _ = try await transport.listen(on: loopback) }
            }
            group.cancelAll()
        }
    }

    @Test func aPortIsListenedOnOnce() async throws {
        try await withTransports(1) { transports in
            let listener = try await transports[0].listen(on: loopback)
            let error = try await #require(throws: TransportError.self) {
                _ = try await transports[0].listen(on: listener.endpoint)
            }
            #expect(error.code == .addressInUse)
            #expect(error.isRetriable)
            #expect(error.message.contains("\(listener.endpoint)"))
        }
    }

    @Test func listeningNeedsAnAddressOfThisMachine() async throws {
        let keys = try CurveKeyPair.generate()
        let configuration = TransportConfiguration(security: .curve(own: keys, allowedClients: []))
        try await withTransports(1, configuration) { transports in
            for host in ["192.0.2.1", "some-host.invalid"] {
                let error = try await #require(throws: TransportError.self) {
                    _ = try await transports[0].listen(on: Endpoint(host: host, port: 0))
                }
                #expect(error.code == .invalidEndpoint)
            }
        }
    }

    @Test(arguments: ["tcp://localhost:0", "tcp://[::1]:0"]) func otherLoopbackNamesWork(text: String) async throws {
        try await withTransports(1) { transports in
            let listener = try await transports[0].listen(on: try #require(Endpoint(text)))
            #expect(listener.endpoint.port != 0)
            let connection = try await transports[0].connect(to: listener.endpoint, identity: [1])
            try await connection.send([SharedBytes("hello")])
            var inbound = listener.inbound.makeAsyncIterator()
            #expect(await inbound.next()?.parts.first?.text == "hello")
        }
    }

    @Test func messagesOutsideTheLimitsAreNotAccepted() async throws {
        try await withTransports(1) { transports in
            let listener = try await transports[0].listen(on: loopback)
            let long = SharedBytes(count: TransportConfiguration().maximumFrameBytes + 1) { _ in }
            for (parts, code) in [
                ([long], TransportError.Code.frameTooLong), ([], .wrongPartCount),
                (Array(repeating: SharedBytes("x"), count: 3), .wrongPartCount),
            ] {
                let error = try await #require(throws: TransportError.self) {
                    try await listener.send(parts, to: peer)
                }
                #expect(error.code == code)
                #expect(!listener.trySend(parts, to: peer))
            }
            for identity in [[], [0, 1], [UInt8](repeating: 1, count: 256)] {
                let error = try await #require(throws: TransportError.self) {
                    _ = try await transports[0].connect(to: listener.endpoint, identity: identity)
                }
                #expect(error.code == .invalidIdentity)
            }
        }
    }

    @Test func aMessageToNobodyIsCounted() async throws {
        try await withTransports(1) { transports in
            let listener = try await transports[0].listen(on: loopback)
            for _ in 0..<3 { try await listener.send([SharedBytes("x")], to: peer) }
            try await eventually { transports[0].counters.refusals[\.unroutableMessages] == 3 }
        }
    }

    private let peer = Peer(routingID: Array("nobody".utf8))
}
