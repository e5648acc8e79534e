package import EADConfiguration
import EADCore
package import EADFiles
import EADRuntime
import Foundation
import Glibc

/// The roles of one cluster file as children of this process.
package struct LocalRoles: Sendable {
    private struct Child: Sendable {
        let node: NodeID
        let role: Role
        var process: pid_t
        var startedAt: ContinuousClock.Instant
        var restarts = 0
        var exit: Int32?
    }

    private let file: String
    private let directory: RunLayout
    private var children: [Child]
    private let binaries: URL

    /// A child that dies so often soon after its start is given up, with its last words.
    private static let maximumRestarts = 5

    package init(configuration: ClusterConfiguration, file: String, directory: RunLayout) {
        self.file = file
        self.directory = directory
        self.binaries = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        let order: [Role] = [.controller, .learner, .worker]
        self.children = configuration.nodes.filter { order.contains($0.value) }
            .sorted { (order.firstIndex(of: $0.value) ?? 0, $0.key) < (order.firstIndex(of: $1.value) ?? 0, $1.key) }
            .map { Child(node: $0.key, role: $0.value, process: 0, startedAt: .now) }
    }

    package var count: Int { self.children.count }
    var anyRunning: Bool { self.children.contains { $0.exit == nil } }

    package mutating func start() throws {
        for index in self.children.indices { try self.start(index) }
    }

    private mutating func start(_ index: Int) throws {
        let child = self.children[index]
        let binary = self.binaries.appending(path: "ead-\(child.role.rawValue)").path
        guard access(binary, X_OK) == 0 else {
            throw RoleFailure(.software, "\(binary) is missing; build all products first (swift build -c release)")
        }
        let arguments = [
            binary, "--cluster", self.file, "--node", child.node.rawValue, "--run-dir", self.directory.path,
            "--exit-with-parent",
        ]
        let output = self.directory.output(of: child.node)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own: Ctrl-C reaches this process only, which then drains the run.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF))
        posix_spawnattr_setpgroup(&attributes, 0)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGINT)
        sigaddset(&defaults, SIGTERM)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process = pid_t()
        let status = posix_spawn(&process, binary, &actions, &attributes, &words, environ)
        guard status == 0 else {
            throw RoleFailure(.io, "cannot start \(binary): \(String(cString: strerror(status)))")
        }
        self.children[index].process = process
        self.children[index].startedAt = .now
        self.children[index].exit = nil
    }

    /// Starts dead children again; those that ended with a status that another start cannot cure end the command.
    mutating func restartDead(unless stopping: Bool, say: (String) -> Void) throws {
        for index in self.children.indices {
            guard self.children[index].exit == nil, let status = Self.reap(self.children[index].process) else {
                continue
            }
            self.children[index].exit = status
            guard !stopping, status != 0 else { continue }
            let child = self.children[index]
            let incurable: [RoleFailure.Code] = [.usage, .data, .configuration, .software]
            guard !incurable.contains(where: { $0.rawValue == status }), child.restarts < Self.maximumRestarts else {
                throw RoleFailure(
                    RoleFailure.Code(rawValue: status) ?? .software,
                    "\(child.node) ended with status \(status):\n\(self.lastWords(of: child.node))")
            }
            say("\(child.node) died (status \(status)); starting it again")
            self.children[index].restarts += 1
            try self.start(index)
        }
    }

    /// Kills what still runs, and names it.
    func kill() -> [NodeID] {
        let running = self.children.filter { $0.exit == nil }
        for child in running { _ = Glibc.kill(child.process, SIGKILL) }
        return running.map(\.node)
    }

    /// Tells all children to drain and leave.
    func terminate() {
        for child in self.children where child.exit == nil && child.process > 0 {
            _ = Glibc.kill(child.process, SIGTERM)
        }
    }

    /// Notes which children have ended; whether any still runs.
    mutating func reap() -> Bool {
        for index in self.children.indices where self.children[index].exit == nil {
            self.children[index].exit = Self.reap(self.children[index].process)
        }
        return self.anyRunning
    }

    /// The exit status of a child that ended (128 + signal when killed); nil while it runs.
    private static func reap(_ process: pid_t) -> Int32? {
        var status: Int32 = 0
        guard process > 0, waitpid(process, &status, WNOHANG) == process else { return nil }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }

    private func lastWords(of node: NodeID) -> String {
        // Without a readable log there are no words to show.
        let text =
            (try? FileContents.read(self.directory.output(of: node))).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").suffix(5).map { "    \($0)" }.joined(separator: "\n")
    }
}
