import EADCore
import EADTransport
import Foundation
import Logging
import Testing

/// Runs `count` transports while `body` works with them, then stops them and waits for their end.
func withTransports<R: Sendable>(
    _ count: Int, _ configuration: TransportConfiguration = TransportConfiguration(),
    _ body: ([Transport]) async throws -> R
) async throws -> R {
    try await withTransports(Array(repeating: configuration, count: count), body)
}

/// Runs a transport per configuration while `body` works with them, then stops them and waits for their end.
func withTransports<R: Sendable>(
    _ configurations: [TransportConfiguration], _ body: ([Transport]) async throws -> R
) async throws -> R {
    try await withThrowingTaskGroup(of: Void.self) { group in
        let transports = try configurations.map { configuration in
            try Transport(configuration: configuration, logger: silentLogger)
        }
        for transport in transports { group.addTask { try await transport.run() } }
        defer { for transport in transports { transport.stop() } }
        let result = try await body(transports)
        for transport in transports { transport.stop() }
        try await group.waitForAll()
        return result
    }
}

let silentLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
let loopback = Endpoint(host: "127.0.0.1", port: 0)

/// Waits until `condition` holds, for things that only a counter shows; gives up after a minute.
func eventually(_ condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("the condition did not come true", sourceLocation: sourceLocation)
            return
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// Runs blocking code on a thread of its own, away from the cooperative pool.
func onThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
    }
}

extension SharedBytes {
    init(_ text: String) { self.init(Array(text.utf8)) }
    var text: String { String(decoding: self.array, as: UTF8.self) }

    /// Bytes that differ from place to place and from seed to seed.
    static func pattern(_ count: Int, seed: UInt64) -> SharedBytes {
        SharedBytes(count: count) { buffer in
            var state = seed
            for offset in stride(from: 0, to: buffer.count - 7, by: 8) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                buffer.storeBytes(of: state, toByteOffset: offset, as: UInt64.self)
            }
        }
    }
}

extension Connection {
    /// Sends a text and returns the answer's.
    func ask(_ text: String) async throws -> String? {
        try await self.send([SharedBytes(text)])
        var answers = self.inbound.makeAsyncIterator()
        return await answers.next()?.parts.first?.text
    }
}

extension Listener {
    /// Answers each message with the same parts until the listener is closed.
    func echo() async throws {
        for await message in self.inbound {
            guard let peer = message.peer else { continue }
            try await self.send(message.parts, to: peer)
        }
    }
}
