import ArgumentParser
import EADConfiguration
import EADCore
import EADEngine
import EADRuntime
import EADTestKit
import Foundation

@testable import EADLearner

/// A directory with a tiny model and the cluster file of a learner of two groups of two per step.
struct LearnerFiles {
    let directory: String

    static let run = RunID(bytes: [UInt8](repeating: 7, count: 16))!

    static func with(_ body: (LearnerFiles) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            try TinyModel.write(to: directory + "/tiny.gguf")
            let text = """
                run: {name: test, steps: 9}
                model: {path: tiny.gguf, precision: f32}
                task: {kind: add2, held_out: 0}
                training: {prompts_per_step: 2, samples_per_prompt: 2, learning_rate: 0.01}
                evaluation: {before: false, after: false}
                sampling: {max_tokens: 6, schedule: {kind: ead, tau_max: 1.5, tau_min: 0.7}}
                nodes:
                  controller: {endpoint: "tcp://127.0.0.1:7001"}
                  learner: {endpoint: "tcp://127.0.0.1:7002"}
                  workers: [{name: w1}]
                """
            try text.write(toFile: directory + "/cluster.yaml", atomically: true, encoding: .utf8)
            try body(LearnerFiles(directory: directory))
        }
    }

    /// What a learner is started with; its run directory is locked meanwhile.
    /// - Parameter settings: Of the command line.
    func withContext<Value>(_ settings: [String] = [], _ body: (RoleContext) throws -> Value) throws -> Value {
        let options = try RoleOptions.parse(
            [
                "--cluster", self.directory + "/cluster.yaml", "--run-dir", self.directory + "/run", "--log-level",
                "error",
            ] + settings.flatMap { ["--set", $0] })
        return try body(try RoleContext(.learner, options: options))
    }
}
