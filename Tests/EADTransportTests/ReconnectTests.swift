import EADCore
import EADTransport
import Testing

@Suite struct ReconnectTests {
    @Test func aConnectionFindsARestartedListener() async throws {
        try await withTransports(1) { clients in
            var endpoint = loopback
            let connection: Connection? = try await withTransports(1) { servers in
                let listener = try await servers[0].listen(on: endpoint)
                endpoint = listener.endpoint
                let connection = try await clients[0].connect(to: endpoint, identity: Array("w".utf8))
                try await connection.send([SharedBytes("first")])
                var inbound = listener.inbound.makeAsyncIterator()
                #expect(await inbound.next()?.parts.first?.text == "first")
                return connection
            }
            try await withTransports(1) { servers in
                let listener = try await Self.listenAgain(servers[0], on: endpoint)
                let connection = try #require(connection)
                var inbound = listener.inbound.makeAsyncIterator()
                // What was under way when the old listener died may be lost; a client repeats until it is answered.
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        while !Task.isCancelled {
                            try await connection.send([SharedBytes("again")])
                            try await Task.sleep(for: .milliseconds(20))
                        }
                    }
                    let message = try #require(await inbound.next())
                    #expect(message.peer?.routingID == Array("w".utf8))
                    #expect(message.parts[0].text == "again")
                    group.cancelAll()
                    // The sender ends with the cancellation.
                    _ = try? await group.waitForAll()
                }
            }
        }
    }

    @Test func aRestartedPeerTakesItsNameOver() async throws {
        try await withTransports(3) { transports in
            let listener = try await transports[0].listen(on: loopback)
            var inbound = listener.inbound.makeAsyncIterator()
            let old = try await transports[1].connect(to: listener.endpoint, identity: Array("w".utf8))
            try await old.send([SharedBytes("old")])
            let first = try #require(await inbound.next()?.peer)
            let new = try await transports[2].connect(to: listener.endpoint, identity: Array("w".utf8))
            try await new.send([SharedBytes("new")])
            let second = try #require(await inbound.next()?.peer)
            #expect(first == second)
            try await listener.send([SharedBytes("for the new one")], to: second)
            var answers = new.inbound.makeAsyncIterator()
            #expect(await answers.next()?.parts.first?.text == "for the new one")
            #expect(transports[1].counters.messagesReceived == 0)
        }
    }

    @Test func aConnectionMayBeMadeBeforeTheListener() async throws {
        // A port that was free a moment ago.
        let endpoint = try await withTransports(1) { transports in
            try await transports[0].listen(on: loopback).endpoint
        }
        try await withTransports(2) { transports in
            let connection = try await transports[1].connect(to: endpoint, identity: [1])
            try await connection.send([SharedBytes("early")])
            let listener = try await Self.listenAgain(transports[0], on: endpoint)
            var inbound = listener.inbound.makeAsyncIterator()
            #expect(await inbound.next()?.parts.first?.text == "early")
        }
    }

    /// The kernel may hold a port for a moment after its listener closed.
    private static func listenAgain(_ transport: Transport, on endpoint: Endpoint) async throws -> Listener {
        while true {
            do {
                return try await transport.listen(on: endpoint)
            } catch {
                guard error.isRetriable else { throw error }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }
}
