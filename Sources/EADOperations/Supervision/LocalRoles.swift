import EADConfiguration
import EADCore
import EADFiles
import EADRuntime
import Foundation
import Glibc

/// The roles of one cluster file as children of this process.
struct LocalRoles: Sendable {
    /// Nil once it has ended.
    private var processes: [NodeID: pid_t] = [:]
    private let roles: [NodeID: Role]
    /// The nodes in the order in which they are started.
    let nodes: [NodeID]
    private let files: ClusterFiles
    private let directory: RunLayout
    private let binaries: URL

    init(configuration: ClusterConfiguration, files: ClusterFiles, directory: RunLayout) {
        self.files = files
        self.directory = directory
        // Not by the word that it was called by, which may have been found on the PATH.
        self.binaries = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let order: [Role] = [.controller, .learner, .worker]
        self.roles = configuration.nodes.filter { order.contains($0.value) }
        self.nodes = self.roles.sorted {
            (order.firstIndex(of: $0.value) ?? 0, $0.key) < (order.firstIndex(of: $1.value) ?? 0, $1.key)
        }.map(\.key)
    }

    mutating func start() throws {
        for node in self.nodes { try self.start(node) }
    }

    /// Starts one node.
    mutating func start(_ node: NodeID) throws {
        guard let role = self.roles[node] else { preconditionFailure("\(node) is a node of the cluster file") }
        let binary = self.binaries.appending(path: "ead-\(role.rawValue)").path
        guard access(binary, X_OK) == 0 else {
            throw RoleFailure(.software, "\(binary) is missing; build all products first (swift build -c release)")
        }
        let arguments =
            [binary] + self.files.arguments
            + ["--node", node.rawValue, "--run-dir", self.directory.path, "--exit-with-parent"]
        let output = self.directory.output(of: node)
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
        let status = Shortage.wait("to start \(binary)", while: Shortage.isPassingForProcesses) {
            posix_spawn(&process, binary, &actions, &attributes, &words, environ)
        }
        guard status == 0 else {
            throw RoleFailure(.io, "cannot start \(binary): \(String(cString: strerror(status)))")
        }
        self.processes[node] = process
    }

    /// The nodes that have ended since the last call, with their exit statuses (128 + signal when killed).
    mutating func reap() -> [(node: NodeID, status: Int32)] {
        var ended: [(node: NodeID, status: Int32)] = []
        for node in self.nodes {
            var status: Int32 = 0
            guard let process = self.processes[node], waitpid(process, &status, WNOHANG) == process else { continue }
            self.processes[node] = nil
            let signal = status & 0x7f
            ended.append((node, signal == 0 ? (status >> 8) & 0xff : 128 + signal))
        }
        return ended
    }

    /// Sends a signal to nodes that still run.
    func signal(_ signal: Int32, _ nodes: [NodeID]) {
        for node in nodes {
            if let process = self.processes[node] { _ = Glibc.kill(process, signal) }
        }
    }

    /// Ends nodes at once, and waits a moment to see them gone.
    mutating func kill(_ nodes: [NodeID]) {
        self.signal(SIGKILL, nodes)
        let deadline = ContinuousClock.now + .seconds(1)
        while !self.processes.isEmpty, ContinuousClock.now < deadline {
            _ = self.reap()
            usleep(10_000)
        }
    }

    /// The end of what a node printed.
    func lastWords(of node: NodeID) -> String {
        // Without a readable log there are no words to show.
        let text =
            (try? FileContents.read(self.directory.output(of: node))).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").suffix(5).map { "    \($0)" }.joined(separator: "\n")
    }
}
