package import EADCore
package import EADHTTP
package import EADMessages
import EADObservation
import EADTelemetry
import Synchronization

/// What a controller shows of its run to browsers and programs; read only.
package struct Observer: Sendable {
    /// How often a page that is looked at hears of the run.
    private static let interval = Duration.seconds(1)

    private let rule: AccessRule
    private let shelf: RunShelf
    /// The run at this moment, with the reports of steps from one on.
    private let status: @Sendable (GlobalStep) async -> StatusReply

    /// - Parameters:
    ///   - token: Nil lets in whoever is on this host.
    ///   - directory: The run's.
    package init(
        token: String?, directory: String, status: @escaping @Sendable (GlobalStep) async -> StatusReply
    ) {
        self.rule = AccessRule(token: token)
        self.shelf = RunShelf(directory)
        self.status = status
    }

    package func answer(_ request: HTTPRequest) async -> HTTPResponse {
        // What everybody may have, so that a login looks like one.
        switch (request.method, request.path) {
        case ("GET", "/style.css"): return HTTPResponse(type: "text/css; charset=utf-8", text: ClusterPage.style)
        case ("POST", "/login"): return self.login(request)
        case ("GET", _), ("HEAD", _): break
        default: return .refusal(405, "only GET")
        }
        switch self.rule.outcome(of: request) {
        case .allowed: break
        case .misdirected: return .refusal(421, "without a token the run is shown under loopback names only")
        case .unauthorized:
            if request.path == "/" { return Self.page(ClusterPage.login, status: 401) }
            var refusal = HTTPResponse.refusal(401, "a token is needed: Authorization: Bearer TOKEN")
            refusal.headers = [("WWW-Authenticate", "Bearer")]
            return refusal
        }
        do { return try await self.read(request) } catch {
            return .refusal(500, "\(error)")
        }
    }

    private func read(_ request: HTTPRequest) async throws -> HTTPResponse {
        switch request.path {
        case "/": return Self.page(ClusterPage.html)
        case "/script.js": return HTTPResponse(type: "text/javascript; charset=utf-8", text: ClusterPage.script)
        case "/metrics":
            return HTTPResponse(
                type: PrometheusText.contentType, text: StatusMetrics(await self.status(GlobalStep(0))).text)
        case "/api/status":
            return HTTPResponse(
                type: "application/json", text: try StatusJSON(await self.status(GlobalStep(0))).text())
        case "/api/events": return HTTPResponse(events: self.events())
        case "/run": return Self.report(try await self.shelf.report(of: []))
        case "/runs": return Self.page(try await self.shelf.list())
        case "/report":
            let names = request.query.filter { $0.name == "run" }.map(\.value)
            guard !names.isEmpty else { return .refusal(400, "name runs: /report?run=NAME&run=NAME") }
            return Self.report(try await self.shelf.report(of: names))
        default: return .refusal(404, "there is no \(request.path)")
        }
    }

    /// A status each second; the first has every step that is known, the others what has come since.
    private func events() -> AsyncStream<String> {
        let place = Place()
        return AsyncStream {
            if place.isStarted {
                // Whoever went away ends the wait, and with it the stream.
                guard (try? await Task.sleep(for: Self.interval)) != nil else { return nil }
            }
            let status = await self.status(place.next)
            place.go(to: status.step)
            return try? StatusJSON(status).text(isPretty: false)
        }
    }

    private func login(_ request: HTTPRequest) -> HTTPResponse {
        let form = HTTPRequest.form(String(decoding: request.body, as: UTF8.self)[...])
        guard let token = form.first(where: { $0.name == "token" })?.value, self.rule.accepts(token) else {
            return Self.page(ClusterPage.login, status: 401)
        }
        var answer = HTTPResponse(status: 303, text: "")
        answer.headers = [
            ("Location", "/"), ("Set-Cookie", "\(AccessRule.cookie)=\(token); Path=/; HttpOnly; SameSite=Strict"),
        ]
        return answer
    }

    private static func page(_ html: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status, type: "text/html; charset=utf-8",
            headers: [
                (
                    "Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; "
                        + "base-uri 'none'; frame-ancestors 'none'"
                )
            ], text: html)
    }

    /// A report holds its styles itself, and no script.
    private static func report(_ html: String) -> HTTPResponse {
        HTTPResponse(
            type: "text/html; charset=utf-8",
            headers: [
                (
                    "Content-Security-Policy",
                    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
                        + "frame-ancestors 'none'"
                )
            ], text: html)
    }
}

/// How far a viewer has heard of the steps.
private final class Place: Sendable {
    private let step = Mutex<GlobalStep?>(nil)

    var isStarted: Bool { self.step.withLock { $0 != nil } }
    var next: GlobalStep { self.step.withLock { $0 ?? GlobalStep(0) } }

    func go(to step: GlobalStep) { self.step.withLock { $0 = step } }
}
