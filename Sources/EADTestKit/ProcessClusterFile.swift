import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The cluster file of a test: what tests vary is a property, the rest is chosen to be quick.
public struct ProcessClusterFile: Sendable {
    public var steps = 6
    public var seed = 7
    /// Relative to the cluster's directory, or absolute.
    public var model = "tiny.gguf"
    public var precision = "f32"
    /// The lines of the section `task`.
    public var task = ["kind: jsonl", "path: problems.jsonl", "held_out: 0"]
    /// The lines of the section `algorithm`.
    public var algorithm = ["correction: token-truncated"]
    public var prompts = 4
    public var samples = 16
    public var maxTokens = 600
    /// Hot enough that a random model does not repeat itself.
    public var temperature = "kind: ead, tau_max: 3, tau_min: 2, d_0: 200"
    public var learningRate = 0.002
    public var checkpointEvery = 100
    public var evaluation = ["before: false", "after: false"]
    public var deadAfter = "2s"
    public var requestTimeout = "1s"
    public var workers = ["worker-1", "worker-2", "worker-3"]
    /// Room for two groups by default.
    public var slots = 32
    public var controllerHost = "127.0.0.1"
    public var learnerHost = "127.0.0.1"
    public var controllerPort = Self.freePort()
    public var learnerPort = Self.freePort()
    /// The lines of the section `security`.
    public var security: [String] = []

    public init() {}

    public var controllerEndpoint: String { "tcp://\(self.controllerHost):\(self.controllerPort)" }

    public var text: String {
        var lines: [String] = []
        func section(_ name: String, _ entries: [String]) {
            guard !entries.isEmpty else { return }
            lines += ["\(name):"] + entries.map { "  \($0)" }
        }
        section("run", ["name: test", "seed: \(self.seed)", "steps: \(self.steps)", "directory: run"])
        section("model", ["path: \(self.model)", "precision: \(self.precision)"])
        section("task", self.task)
        section(
            "sampling",
            ["schedule: {\(self.temperature)}", "max_tokens: \(self.maxTokens)"])
        section("algorithm", self.algorithm)
        section(
            "training",
            [
                "prompts_per_step: \(self.prompts)", "samples_per_prompt: \(self.samples)",
                "learning_rate: \(self.learningRate)",
            ])
        section("evaluation", self.evaluation)
        section("checkpoint", ["every: \(self.checkpointEvery)", "keep: 2"])
        section(
            "protocol",
            [
                "heartbeat_interval: 100ms", "dead_after: \(self.deadAfter)", "offer_timeout: 5s",
                "request_timeout: \(self.requestTimeout)", "lease_duration: 60s",
                "backoff: {initial: 50ms, maximum: 300ms}",
            ])
        section(
            "nodes",
            [
                "controller: {endpoint: '\(self.controllerEndpoint)'}",
                "learner: {endpoint: 'tcp://\(self.learnerHost):\(self.learnerPort)'}", "workers:",
            ] + self.workers.map { "  - {name: \($0), slots: \(self.slots)}" })
        section("security", self.security)
        return lines.joined(separator: "\n") + "\n"
    }

    /// A port that nobody listens on, below those the system gives to outgoing connections.
    public static func freePort() -> UInt16 {
        while true {
            let port = UInt16.random(in: 20_000..<32_000)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            let isFree = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isFree { return port }
        }
    }
}
