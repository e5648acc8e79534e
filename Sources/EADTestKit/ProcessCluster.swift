import EADCore
package import EADFiles
package import Foundation
import Glibc

/// A cluster of the real binaries in a directory of its own, for tests that kill processes.
///
/// Used by one test at a time. Every wait has a deadline and ends early when a process dies that nobody killed.
package final class ProcessCluster {
    package let directory: URL
    /// The cluster file that nodes are started with unless a test says otherwise.
    package let file: URL
    package let settings: ProcessClusterFile
    private var children: [ProcessClusterChild] = []
    private var commands = 0

    /// Where the binaries are: beside the test bundle.
    package static let binaries = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    /// Makes the directory with the cluster file, a tiny model and a few problems, runs `body`, judges what the run left, and
    /// cleans up.
    package static func with<Value>(
        _ settings: ProcessClusterFile = ProcessClusterFile(), _ body: (ProcessCluster) async throws -> Value
    ) async throws -> Value {
        let cluster = try ProcessCluster(settings)
        defer { cluster.destroy() }
        let value = try await body(cluster)
        try await cluster.check()
        return value
    }

    /// Whatever a test did to a run, what it left is right by the rules of `ead-ctl check`.
    private func check() async throws {
        // A file that is being written, or deleted, is not to be judged.
        for child in self.children { child.destroy() }
        self.children = []
        // A controller that was refused began no run.
        guard try !self.records().isEmpty else { return }
        let check = try await self.control("check", self.run.path)
        guard check.status == 0 else { throw self.failure("ead-ctl check ends with \(check.ending):\n\(check.text)") }
    }

    private init(_ settings: ProcessClusterFile) throws {
        self.settings = settings
        self.directory = FileManager.default.temporaryDirectory.appending(path: "ead-cluster-\(UUID().uuidString)")
        self.file = self.directory.appending(path: "cluster.yaml")
        try FileManager.default.createDirectory(at: self.run, withIntermediateDirectories: true)
        try self.write(settings, to: "cluster.yaml")
        try TinyModel.write(
            to: self.directory.appending(path: "tiny.gguf").path, layers: 2, hidden: 128, feedForward: 256,
            contextLength: 1024, seed: 3)
        try self.write(Self.problems, to: "problems.jsonl")
    }

    private func destroy() {
        for child in self.children { child.destroy() }
        // What cannot be removed lies in the system's directory for temporary files.
        try? FileManager.default.removeItem(at: self.directory)
    }

    /// A digit that a random model says last now and then, so that rewards differ within a group.
    private static var problems: String {
        (0..<32).map { #"{"prompt": "\#($0) and \#($0 * 7 % 32) =", "answer": "5"}"# + "\n" }.joined()
    }

    // MARK: Files

    /// The run directory.
    package var run: URL { self.directory.appending(path: "run") }

    /// The names in the run directory.
    package var layout: RunLayout { RunLayout(self.run.path) }

    /// Writes a file beside the cluster file and returns its place.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> URL {
        let url = self.directory.appending(path: name)
        try text.write(to: url, atomically: true, encoding: .utf8)
        return url
    }

    @discardableResult
    package func write(_ settings: ProcessClusterFile, to name: String) throws -> URL {
        try self.write(settings.text, to: name)
    }

    /// What a node printed, all its lives together.
    package func log(of node: String) -> String {
        // A node that has not been started has printed nothing.
        (try? String(contentsOf: URL(filePath: self.layout.output(of: NodeID(node))), encoding: .utf8)) ?? ""
    }

    /// The run log so far.
    package func records() throws -> [ProcessClusterRecord] {
        // Without a controller there is no log yet.
        guard let data = try? Data(contentsOf: URL(filePath: self.layout.log)) else { return [] }
        return try Self.lines(data)
    }

    /// Every response of an evaluation, by the name of its file.
    package func evaluatedSamples(_ name: String) throws -> [ProcessClusterSample] {
        try Self.lines(Data(contentsOf: URL(filePath: "\(self.layout.evaluations)/\(name).jsonl")))
    }

    private static func lines<Line: Decodable>(_ data: Data) throws -> [Line] {
        // The last piece is empty, or a line that is being written.
        try data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast().map {
            try JSONDecoder().decode(Line.self, from: $0)
        }
    }

    package func events(_ name: String, of node: String? = nil) throws -> [ProcessClusterRecord] {
        try self.records().filter { $0.event == name && (node == nil || $0.node == node) }
    }

    /// Root hash of the policy after each step, by step; the last one of a step trained again.
    package func rootHashes() throws -> [Int: String] {
        Dictionary(
            try self.records().filter { $0.kind == "step" }.map { ($0.step, $0.notes?["root_hash"] ?? "") },
            uniquingKeysWith: { $1 })
    }

    /// The weights of the checkpoint after `step` steps.
    package func weights(after step: Int) throws -> Data {
        try Data(contentsOf: URL(filePath: self.layout.checkpoint(of: GlobalStep(UInt64(step))).model))
    }

    // MARK: Processes

    /// Starts a node of the cluster file; its output goes to `NODE.log` in the run directory.
    /// - Parameters:
    ///   - prefix: A command that starts the binary given after it, such as a shell that sets limits.
    ///   - arguments: Options beside those for file and node.
    @discardableResult
    package func start(
        _ node: String, file: URL? = nil, prefix: [String] = [], arguments: [String] = [], output: String? = nil
    ) throws -> ProcessClusterChild {
        let role = node == "controller" || node == "learner" ? node : "worker"
        let binary = Self.binaries.appending(path: "ead-\(role)").path
        let child = try ProcessClusterChild(
            prefix + [binary, "--cluster", (file ?? self.file).path, "--node", node] + arguments, name: node,
            output: URL(filePath: self.layout.output(of: NodeID(output ?? node))))
        self.children.append(child)
        return child
    }

    /// Starts `ead-ctl` and leaves it running; its output goes to a file of its own.
    package func startControl(_ arguments: [String]) throws -> (child: ProcessClusterChild, output: URL) {
        self.commands += 1
        let output = self.directory.appending(path: "ead-ctl-\(self.commands).out")
        let binary = Self.binaries.appending(path: "ead-ctl").path
        let child = try ProcessClusterChild([binary] + arguments, name: "ead-ctl", output: output)
        self.children.append(child)
        return (child, output)
    }

    /// Runs `ead-ctl` to its end.
    package func control(_ arguments: String...) async throws -> ProcessClusterOutput {
        try await self.control(arguments)
    }

    package func control(_ arguments: [String]) async throws -> ProcessClusterOutput {
        let (child, output) = try self.startControl(arguments)
        let ending = try await self.ending(of: child)
        return ProcessClusterOutput(ending: ending, text: try String(contentsOf: output, encoding: .utf8))
    }

    /// What the controller answers; nil while it does not.
    package func status() async throws -> ProcessClusterStatus? {
        let output = try await self.control("status", "--json", "--cluster", self.file.path)
        guard output.status == 0 || output.status == 1 else { return nil }
        return try JSONDecoder().decode(ProcessClusterStatus.self, from: Data(output.text.utf8))
    }

    /// Waits for a process to end.
    package func ending(
        of child: ProcessClusterChild, within limit: Duration = .seconds(60)
    ) async throws -> ProcessClusterChild.Ending {
        let ending = try await self.wait(for: "\(child.name) to end", within: limit, expecting: child) { child.poll() }
        // How it ended is the caller's business from here on.
        self.children.removeAll { $0 === child }
        return ending
    }

    // MARK: Waiting

    /// Looks again and again until `condition` has a value.
    /// - Throws: `ProcessClusterError` at the deadline, or when a process has failed that nobody signalled.
    package func wait<Value>(
        for what: String, within limit: Duration = .seconds(60), expecting: ProcessClusterChild? = nil,
        until condition: () async throws -> Value?
    ) async throws -> Value {
        let deadline = ContinuousClock.now + limit
        while true {
            if let value = try await condition() { return value }
            for child in self.children where child !== expecting && !child.wasSignalled && child.name != "ead-ctl" {
                if let ending = child.poll(), ending != .exited(0) {
                    throw self.failure("\(child.name) ended (\(ending)) while waiting for \(what)")
                }
            }
            guard ContinuousClock.now < deadline else { throw self.failure("\(limit) passed waiting for \(what)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Waits for a yes.
    package func wait(
        for what: String, within limit: Duration = .seconds(60), until condition: () async throws -> Bool
    ) async throws {
        try await self.wait(for: what, within: limit) { try await condition() ? () : nil }
    }

    /// Waits until the controller's status has what a test looks for.
    package func waitForStatus<Value>(
        _ what: String, within limit: Duration = .seconds(60), _ look: (ProcessClusterStatus) -> Value?
    ) async throws -> Value {
        try await self.wait(for: what, within: limit) { try await self.status().flatMap(look) }
    }

    /// Waits until all given processes have left by themselves, with success.
    package func waitForSuccess(_ children: [ProcessClusterChild], within limit: Duration = .seconds(90)) async throws {
        for child in children {
            let ending = try await self.ending(of: child, within: limit)
            guard ending == .exited(0) else { throw self.failure("\(child.name) ended: \(ending)") }
        }
    }

    /// An error that shows what the cluster did last.
    package func failure(_ what: String) -> ProcessClusterError {
        var text = what
        // Only a help for the reader: a log that cannot be read is left out.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: self.run.path)) ?? []
        let log = FileTree.name(of: self.layout.log)
        for name in names.sorted() where RunLayout.isOutput(name) || name == log {
            let lines = ((try? String(contentsOf: self.run.appending(path: name), encoding: .utf8)) ?? "")
                .split(separator: "\n").suffix(12)
            text += "\n--- \(name)\n" + lines.map { String($0.prefix(240)) }.joined(separator: "\n")
        }
        return ProcessClusterError(text)
    }
}
