import Foundation
import Glibc

/// The cluster file of a test: what tests vary is a property, the rest is chosen to be quick.
package struct ProcessClusterFile: Sendable {
    package var steps = 6
    package var seed = 7
    /// Relative to the cluster's directory, or absolute.
    package var model = "tiny.gguf"
    package var precision = "f32"
    /// The lines of the section `task`.
    package var task = ["kind: jsonl", "path: problems.jsonl", "held_out: 0"]
    /// The lines of the section `algorithm`.
    package var algorithm = ["correction: token-truncated"]
    package var prompts = 4
    package var samples = 16
    package var maxTokens = 600
    /// Hot enough that a random model does not repeat itself.
    package var temperature = "kind: ead, tau_max: 3, tau_min: 2, d_0: 200"
    package var learningRate = 0.002
    /// More lines of the section `training`.
    package var schedule: [String] = []
    package var checkpointEvery = 100
    /// `none` or `all`.
    package var journalKeep = "none"
    /// By how many versions groups may be older than their step.
    package var stalenessBound = 0
    /// By default a random model need not be right now and then.
    package var maxIdleSteps = 0
    package var evaluation = ["before: false", "after: false"]
    package var deadAfter = "2s"
    package var requestTimeout = "1s"
    package var workers = ["worker-1", "worker-2", "worker-3"]
    /// Room for two groups by default.
    package var lanes = 32
    package var controllerHost = "127.0.0.1"
    package var learnerHost = "127.0.0.1"
    package var controllerPort = Self.freePort()
    package var learnerPort = Self.freePort()
    /// The lines of the section `security`.
    package var security: [String] = []

    package init() {}

    package var controllerEndpoint: String { "tcp://\(self.controllerHost):\(self.controllerPort)" }

    package var text: String {
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
                "learning_rate: \(self.learningRate)", "max_idle_steps: \(self.maxIdleSteps)",
                "staleness_bound: \(self.stalenessBound)",
            ] + self.schedule)
        section("evaluation", self.evaluation)
        section("checkpoint", ["every: \(self.checkpointEvery)", "keep: 2"])
        section("journal", ["keep: \(self.journalKeep)"])
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
            ] + self.workers.map { "  - {name: \($0), lanes: \(self.lanes)}" })
        section("security", self.security)
        return lines.joined(separator: "\n") + "\n"
    }

    /// A port that nobody listens on, below those the system gives to outgoing connections.
    package static func freePort() -> UInt16 {
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
