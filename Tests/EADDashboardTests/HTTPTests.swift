import EADHTTP
import Foundation
import Glibc
import Synchronization
import Testing

struct HTTPTests {
    @Test func aTokenIsWhatWasSaidAndNothingElse() {
        let rule = AccessRule(token: "0123456789abcdef")
        func outcome(_ headers: [String: String]) -> AccessRule.Outcome {
            rule.outcome(of: HTTPRequest(target: "/", headers: headers))
        }
        #expect(outcome([:]) == .unauthorized && outcome(["host": "127.0.0.1"]) == .unauthorized)
        #expect(outcome(["authorization": "Bearer 0123456789abcdef"]) == .allowed)
        #expect(outcome(["cookie": "a=b; ead_token=0123456789abcdef"]) == .allowed)
        for wrong in ["", "0", "0123456789abcdeg", "0123456789abcdef0123456789abcdef", "0123456789abcde"] {
            #expect(outcome(["authorization": "Bearer " + wrong]) == .unauthorized, "\(wrong)")
        }
        #expect(!AccessRule(token: "").accepts(""))
    }

    @Test func withoutATokenOnlyLoopbackNamesAreServed() {
        let rule = AccessRule(token: nil)
        for host in ["127.0.0.1:8265", "localhost:1", "[::1]:8265", "127.3.2.1"] {
            #expect(rule.outcome(of: HTTPRequest(target: "/", headers: ["host": host])) == .allowed, "\(host)")
        }
        for host in ["", "evil.example", "127.0.0.1.evil.example:8265", "localhost.evil", "10.0.0.1"] {
            #expect(rule.outcome(of: HTTPRequest(target: "/", headers: ["host": host])) == .misdirected, "\(host)")
        }
    }

    @Test func aTargetIsTakenApart() {
        let request = HTTPRequest(target: "/report?run=a%20b&run=c+d&x&y=%zz%C3%BC")
        #expect(request.path == "/report")
        #expect(request.query.map(\.name) == ["run", "run", "x", "y"])
        #expect(request.query.map(\.value) == ["a b", "c d", "", "%zzü"])
    }

    private func serving(
        _ handler: @escaping HTTPServer.Handler, _ body: @Sendable @escaping (Int) throws -> Void
    ) async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await HTTPServer(host: "127.0.0.1", port: 0, handler: handler).run { port.yield($0) }
            }
            for await number in ports {
                // It waits for a socket, which must not take a thread of the pool that serves.
                try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
                    Thread.detachNewThread { done.resume(with: Result { try body(number) }) }
                }
                break
            }
            group.cancelAll()
        }
    }

    @Test func requestsAreAnsweredAndEventsStream() async throws {
        try await self.serving { request in
            switch request.path {
            case "/events":
                return HTTPResponse(
                    events: AsyncStream { stream in
                        stream.yield("one")
                        stream.yield("two\nlines")
                        stream.finish()
                    })
            default:
                return HTTPResponse(
                    text: "\(request.method) \(request.path) \(request.headers["x-a"] ?? "") \(request.body.count)")
            }
        } _: { port in
            let get = try exchange(port, "GET /a HTTP/1.1\r\nHost: x\r\nX-A: b\r\n\r\n")
            #expect(get.hasPrefix("HTTP/1.1 200 OK\r\n") && get.hasSuffix("\r\n\r\nGET /a b 0"), "\(get)")
            for header in ["X-Content-Type-Options: nosniff", "Cache-Control: no-store", "Connection: close"] {
                #expect(get.contains(header), "\(header)")
            }
            let head = try exchange(port, "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(head.contains("Content-Length: 10\r\n") && head.hasSuffix("\r\n\r\n"), "\(head)")
            let post = try exchange(port, "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
            #expect(post.hasSuffix("POST /b  3"))
            let events = try exchange(port, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(events.contains("text/event-stream") && events.contains("data: one\n\n"))
            #expect(events.contains("data: two\ndata: lines\n\n"))
        }
    }

    @Test(arguments: ["\u{0}\u{1}garbage\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /\r\n X: folded\r\n\r\n"])
    func whatIsNoRequestIsRefused(bytes: String) async throws {
        try await self.serving { _ in
            HTTPResponse(text: "served")
        } _: { port in
            let refusal = try exchange(port, bytes)
            #expect(!refusal.contains("served"), "\(refusal)")
            let answer = try exchange(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(answer.hasSuffix("served"), "\(answer)")
        }
    }

    @Test func aLongBodyIsNotKept() async throws {
        try await self.serving { _ in
            HTTPResponse(text: "served")
        } _: { port in
            let body = String(repeating: "a", count: 300_000)
            let answer = try exchange(
                port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.count)\r\n\r\n\(body)")
            #expect(answer.hasPrefix("HTTP/1.1 413"), "\(answer.prefix(80))")
        }
    }
}

/// Sends bytes to a port of this host and gives what comes back until the connection ends.
private func exchange(_ port: Int, _ request: String) throws -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    var limit = timeval(tv_sec: 15, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    try #require(connected == 0)
    let bytes = Array(request.utf8)
    var sent = 0
    while sent < bytes.count {
        let count = bytes.withUnsafeBytes {
            send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { break }
        sent += count
    }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { break }
        answer += buffer[..<count]
    }
    return String(decoding: answer, as: UTF8.self)
}
