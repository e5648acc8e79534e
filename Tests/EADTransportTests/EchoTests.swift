import EADCore
import EADTransport
import Testing

@Suite struct EchoTests {
    @Test func aMessageComesBackWithItsParts() async throws {
        try await withTransports(2) { transports in
            let listener = try await transports[0].listen(on: loopback)
            let connection = try await transports[1].connect(to: listener.endpoint, identity: Array("worker-1".utf8))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await listener.echo() }
                var answers = connection.inbound.makeAsyncIterator()
                for parts in [["envelope"], ["envelope", "payload"], ["", ""]] {
                    try await connection.send(parts.map { SharedBytes($0) })
                    let answer = try #require(await answers.next())
                    #expect(answer.peer == nil)
                    #expect(answer.parts.map(\.text) == parts)
                }
                await listener.close()
                try await group.waitForAll()
            }
            #expect(transports[0].counters.messagesReceived == 3)
            #expect(transports[1].counters.messagesSent == 3)
        }
    }

    @Test func aLongMessageComesBackWhereTheConfigurationHasRoomForIt() async throws {
        var configuration = TransportConfiguration()
        let long = SharedBytes.pattern(24 << 20, seed: 3)
        configuration.admit(envelopeBytes: long.count)
        try await withTransports(2, configuration) { transports in
            let listener = try await transports[0].listen(on: loopback)
            let connection = try await transports[1].connect(to: listener.endpoint, identity: Array("worker-1".utf8))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await listener.echo() }
                var answers = connection.inbound.makeAsyncIterator()
                try await connection.send([long, SharedBytes("payload")])
                let answer = try #require(await answers.next())
                #expect(answer.parts.first == long)
                await listener.close()
                try await group.waitForAll()
            }
        }
    }

    @Test func aPeerIsKnownByTheNameItGave() async throws {
        try await withTransports(1) { transports in
            let listener = try await transports[0].listen(on: loopback)
            let connection = try await transports[0].connect(to: listener.endpoint, identity: Array("worker-1".utf8))
            try await connection.send([SharedBytes("hello")])
            var inbound = listener.inbound.makeAsyncIterator()
            let message = try #require(await inbound.next())
            #expect(message.peer == Peer(routingID: Array("worker-1".utf8)))
            #expect(message.peer?.description == "worker-1")
        }
    }

    @Test func messagesArriveInOrder() async throws {
        let count = 20_000
        try await withTransports(2) { transports in
            let listener = try await transports[0].listen(on: loopback)
            let connection = try await transports[1].connect(to: listener.endpoint, identity: [1])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 0..<count { try await connection.send([SharedBytes(String(number))]) }
                }
                var inbound = listener.inbound.makeAsyncIterator()
                for number in 0..<count {
                    let message = try #require(await inbound.next())
                    if message.parts[0].text != String(number) {
                        Issue.record("message \(number) is \(message.parts[0].text)")
                        break
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func manyPeersGetTheirOwnAnswers() async throws {
        try await withTransports(2) { transports in
            let listener = try await transports[0].listen(on: loopback)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await listener.echo() }
                try await withThrowingTaskGroup(of: Void.self) { clients in
                    for client in 1...20 {
                        clients.addTask {
                            let connection = try await transports[1].connect(
                                to: listener.endpoint, identity: Array("c\(client)".utf8))
                            for number in 0..<50 {
                                #expect(try await connection.ask("\(client)/\(number)") == "\(client)/\(number)")
                            }
                            await connection.close()
                        }
                    }
                    try await clients.waitForAll()
                }
                await listener.close()
                try await group.waitForAll()
            }
        }
    }

    @Test func chunksOfFourMebibytesSurviveWithoutBeingCopied() async throws {
        let chunk = 4 << 20
        let weights = SharedBytes.pattern(3 * chunk + 12_345, seed: 7)
        let slices = [0..<chunk, chunk..<2 * chunk, 2 * chunk..<3 * chunk, 3 * chunk..<weights.count]
        try await withTransports(2) { transports in
            let listener = try await transports[0].listen(on: loopback)
            let connection = try await transports[1].connect(to: listener.endpoint, identity: [2])
            try await connection.send([SharedBytes("send")])
            var requests = listener.inbound.makeAsyncIterator()
            let peer = try #require(await requests.next()?.peer)
            var chunks = connection.inbound.makeAsyncIterator()
            for round in 0..<8 {
                for (index, range) in slices.enumerated() {
                    try await listener.send([SharedBytes("\(round) \(index)"), weights.slice(range)], to: peer)
                }
                for (index, range) in slices.enumerated() {
                    let message = try #require(await chunks.next())
                    #expect(message.parts[0].text == "\(round) \(index)")
                    #expect(message.parts[1] == weights.slice(range))
                }
            }
        }
    }

    @Test func sentMemoryIsReleasedWhenItIsOnItsWay() async throws {
        final class Owner: Sendable {
            let released: AsyncStream<Void>.Continuation
            init(_ released: AsyncStream<Void>.Continuation) { self.released = released }
            deinit { self.released.yield() }
        }
        let (releases, released) = AsyncStream<Void>.makeStream()
        let memory = SharedBytes.pattern(1 << 20, seed: 1)
        try await withTransports(1) { transports in
            let listener = try await transports[0].listen(on: loopback)
            let connection = try await transports[0].connect(to: listener.endpoint, identity: [3])
            var inbound = listener.inbound.makeAsyncIterator()
            for _ in 0..<20 {
                let parts = memory.withUnsafeBytes { [SharedBytes($0, keepingAlive: Owner(released))] }
                try await connection.send(parts)
                #expect(await inbound.next()?.parts.first == memory)
            }
        }
        var iterator = releases.makeAsyncIterator()
        for _ in 0..<20 { await iterator.next() }
    }
}
