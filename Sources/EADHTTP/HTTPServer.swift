import NIOCore
import NIOHTTP1
import NIOPosix

/// Answers HTTP requests, one per connection.
package struct HTTPServer: Sendable {
    package typealias Handler = @Sendable (HTTPRequest) async -> HTTPResponse

    /// Connections at a time; more are closed at once.
    private static let mostConnections = 64
    /// How long a request may take to arrive.
    private static let patience = TimeAmount.seconds(10)
    private static let longestBody = 1 << 16

    private let host: String
    private let port: Int
    private let handler: Handler

    /// - Parameter host: A name or an address, an IPv6 one without brackets.
    package init(host: String, port: Int, handler: @escaping Handler) {
        self.host = host
        self.port = port
        self.handler = handler
    }

    /// Serves until it is cancelled.
    /// - Parameter isListening: Told the port once connections are taken.
    /// - Throws: when the address cannot be listened on.
    package func run(isListening: @Sendable (Int) -> Void = { _ in }) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            try await self.serve(on: group, isListening: isListening)
        } catch {
            try? await group.shutdownGracefully()  // The first error is the one that explains the end.
            throw error
        }
        try await group.shutdownGracefully()
    }

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    private func serve(on group: MultiThreadedEventLoopGroup, isListening: @Sendable (Int) -> Void) async throws {
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: self.host, port: self.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        isListening(listener.channel.localAddress?.port ?? self.port)
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await listener.executeThenClose { connections in
                var open = 0
                for try await connection in connections {
                    // Those that have ended make room.
                    if open >= Self.mostConnections {
                        connection.channel.close(promise: nil)
                        _ = try? await connection.executeThenClose { _, _ in }
                        _ = try await group.next()
                        open -= 1
                        continue
                    }
                    open += 1
                    group.addTask { await self.serve(connection) }
                }
            }
            group.cancelAll()
        }
    }

    private func serve(_ connection: Connection) async {
        let channel = connection.channel
        // A peer that goes away in the middle of an answer is nobody's fault.
        try? await connection.executeThenClose { inbound, outbound in
            let deadline = channel.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
            let request = try await Self.read(inbound)
            deadline.cancel()
            guard let request else { return }
            let response = await self.answer(request)
            try await Self.write(response, isHead: request.method == "HEAD", to: outbound)
        }
    }

    private func answer(_ request: HTTPRequest) async -> HTTPResponse {
        guard request.body.count <= Self.longestBody else { return .refusal(413, "too long") }
        return await self.handler(request)
    }

    /// Nil when the connection ended before.
    private static func read(_ inbound: NIOAsyncChannelInboundStream<HTTPServerRequestPart>) async throws
        -> HTTPRequest?
    {
        var request: HTTPRequest?
        for try await part in inbound {
            switch part {
            case .head(let head):
                request = HTTPRequest(
                    method: head.method.rawValue, target: head.uri,
                    headers: Dictionary(
                        head.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first }))
            case .body(let buffer):
                // One byte more than is allowed is enough to refuse it.
                let room = Self.longestBody + 1 - (request?.body.count ?? 0)
                request?.body += buffer.readableBytesView.prefix(max(0, room))
            case .end: return request
            }
        }
        return nil
    }

    private static func write(
        _ response: HTTPResponse, isHead: Bool, to outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws {
        var headers = HTTPHeaders([
            ("Content-Type", response.contentType), ("Cache-Control", "no-store"), ("Connection", "close"),
            ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ])
        for (name, value) in response.headers { headers.add(name: name, value: value) }
        if case .whole(let bytes) = response.body { headers.add(name: "Content-Length", value: "\(bytes.count)") }
        try await outbound.write(
            .head(
                HTTPResponseHead(
                    version: .http1_1, status: HTTPResponseStatus(statusCode: response.status), headers: headers)))
        if !isHead {
            switch response.body {
            case .whole(let bytes): try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: bytes))))
            case .events(let events):
                for await event in events {
                    let lines = event.split(separator: "\n", omittingEmptySubsequences: false).map { "data: \($0)\n" }
                    try await outbound.write(.body(.byteBuffer(ByteBuffer(string: lines.joined() + "\n"))))
                }
            }
        }
        try await outbound.write(.end(nil))
    }
}
