import EADConfiguration
import EADController
import EADCore
import EADDashboard
import EADFiles
import EADHTTP
import EADRuntime
import ServiceLifecycle

/// A controller that shows its run to browsers and to Prometheus, for as long as it runs.
struct ObservedController: Service {
    private let shell: RoleShell<ControllerWiring>
    private let server: HTTPServer
    private let endpoint: Endpoint

    /// The shell alone where nobody is to look.
    static func service(_ context: RoleContext) throws -> any Service {
        let shell = try ControllerWiring.shell(context)
        let settings = context.configuration.observe
        guard let endpoint = settings.endpoint else { return shell }
        let token = try settings.tokenFile.map(Self.token)
        let observer = Observer(token: token, directory: context.directory.path) { since in
            await shell.look { $0.observed(since: since, now: $1) }
        }
        return ObservedController(shell: shell, endpoint: endpoint) { await observer.answer($0) }
    }

    private init(shell: RoleShell<ControllerWiring>, endpoint: Endpoint, handler: @escaping HTTPServer.Handler) {
        self.shell = shell
        self.endpoint = endpoint
        self.server = HTTPServer(host: endpoint.bareHost, port: Int(endpoint.port), handler: handler)
    }

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.shell.run() }
            group.addTask {
                do { try await self.server.run() } catch  where !Task.isCancelled {
                    throw RoleFailure(
                        .unavailable,
                        "observe.endpoint cannot listen on \(self.endpoint.host):\(self.endpoint.port): \(error)")
                }
            }
            // Whichever is over ends the other: the server at the end of the run, the run where it cannot be shown.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// What a request has to say; nobody could guess a short one, but somebody may try.
    private static func token(_ path: String) throws -> String {
        let text = String(decoding: try FileContents.read(path, limit: 4096), as: UTF8.self)
        let token = text.split(whereSeparator: \.isWhitespace).first.map { String($0) } ?? ""
        guard token.utf8.count >= 16, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\";,\\".utf8.contains($0) })
        else {
            throw RoleFailure(
                .configuration,
                "\(path) must hold at least 16 characters without blanks, quotes, commas, semicolons and backslashes "
                    + "(observe.token_file); head -c 24 /dev/urandom | base64 makes some")
        }
        return token
    }
}
