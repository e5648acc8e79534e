import EADConfiguration
import EADCore
import EADEnvironments
import EADFiles
import EADOperations
import EADSampling
import EADTestKit
import Foundation
import Testing

/// An evaluation knows which problems its run was trained on.
struct RunDirectoryTests {
    /// A run of 20 problems, 6 of them held out, in a directory of its own.
    private func inRun<T>(_ more: String = "", _ body: (String, RunDirectory) throws -> T) throws -> T {
        try withTemporaryDirectory { directory in
            let lines = (0..<20).map { "{\"prompt\": \"\($0)?\", \"answer\": \"\($0)\"}" }.joined(separator: "\n")
            try Data(lines.utf8).write(to: URL(filePath: directory + "/mine.jsonl"))
            let yaml = """
                run: {name: small, steps: 1, seed: 5, directory: \(directory)/run}
                model: {path: \(directory)/m.gguf}
                task: {kind: jsonl, path: \(directory)/mine.jsonl, held_out: 6, seed: 3, template: "Q: {prompt}\\nA:"}
                sampling: {max_tokens: 8, stop: ["Q:"]}
                evaluation: {samples: 3\(more)}
                training: {prompts_per_step: 2, samples_per_prompt: 2, learning_rate: 1.0e-6}
                nodes:
                  controller: {endpoint: "tcp://127.0.0.1:7001"}
                  learner: {endpoint: "tcp://127.0.0.1:7002"}
                  workers: [{name: w1}]
                """
            try Data(yaml.utf8).write(to: URL(filePath: directory + "/c.yaml"))
            let run = RunLayout(directory + "/run")
            try FileManager.default.createDirectory(
                atPath: run.path + "/checkpoints/step-000001", withIntermediateDirectories: true)
            let configuration = try ClusterConfiguration.load(path: directory + "/c.yaml")
            for node in [configuration.controller.name, configuration.learner.name] {
                try Data(configuration.resolvedYAML().utf8).write(
                    to: URL(filePath: run.resolvedConfiguration(of: node)))
            }
            return try body(directory, RunDirectory(run.path))
        }
    }

    private func settings(_ directory: String, heldOut: Int, seed: UInt64) -> LocalEvaluation.Settings {
        LocalEvaluation.Settings(
            task: TaskConfiguration(kind: .jsonl, path: directory + "/mine.jsonl", seed: seed, heldOut: heldOut),
            samples: 1, greedy: false, sampling: .init(schedule: .constant(1), maxTokens: 1), seed: 1, step: nil,
            output: nil)
    }

    @Test func aRunIsEvaluatedOnWhatItHoldsOutWithItsOwnSettings() throws {
        try self.inRun(", problems: 4, sampling: {max_tokens: 5}") { _, run in
            let settings = try LocalEvaluation.Settings(run: run, samples: nil, data: nil, output: nil)
            #expect(settings.samples == 3 && settings.greedy && settings.seed == 5)
            #expect(settings.sampling.maxTokens == 5 && settings.sampling.stopStrings == ["Q:"])
            let problems = try #require(settings.problems)
            let split = try TaskSource.load(run.configuration.task, baseDirectory: "")
            #expect(problems == Array(split.heldOut.prefix(4)))
            #expect(try settings.overlap(with: run) == nil)
        }
    }

    /// The split of another seed holds out what the run trains on.
    @Test func problemsThatTheRunTrainsOnAreTold() throws {
        try self.inRun { directory, run in
            #expect(try self.settings(directory, heldOut: 6, seed: 3).overlap(with: run) == nil)
            let told = try #require(try self.settings(directory, heldOut: 19, seed: 8).overlap(with: run))
            #expect(told.contains(" of these 19 problems") && told.contains("eval --run \(run.path)"), "\(told)")
            let whole = try LocalEvaluation.Settings(
                run: run, samples: 2, data: directory + "/mine.jsonl", output: nil)
            #expect(whole.problems?.count == 20 && whole.samples == 2)
            #expect(try #require(try whole.overlap(with: run)).contains("trains on 14 of these 20 problems"))
        }
    }

    @Test func aTestSetIsAnsweredWhole() throws {
        try self.inRun { directory, _ in
            let task = self.settings(directory, heldOut: 6, seed: 3).task
            let answers = try LocalEvaluation.Settings.all(of: task).map(\.answer)
            #expect(Set(answers) == Set((0..<20).map { "\($0)" }))
        }
    }

    @Test func theRunOfACheckpointIsFound() throws {
        try self.inRun { directory, run in
            for path in ["/run/checkpoints/step-000001", "/run/checkpoints/step-000001/"] {
                #expect(RunDirectory(ofCheckpoint: directory + path)?.configuration.run.name == "small")
            }
            #expect(RunDirectory(ofCheckpoint: directory + "/elsewhere/step-000001") == nil)
            #expect(RunDirectory(ofCheckpoint: "step-000001") == nil)
            try FileManager.default.removeItem(atPath: run.path + "/checkpoints/step-000001")
            let failure = #expect(throws: RoleFailure.self) { _ = try run.newestCheckpoint() }
            #expect(failure?.message.contains("has no checkpoint") ?? false)
        }
    }

    @Test func dataThatIsGoneIsSaidToBeUnknown() throws {
        try self.inRun { directory, run in
            let problems = try run.heldOut()
            try FileManager.default.removeItem(atPath: directory + "/mine.jsonl")
            var settings = self.settings(directory, heldOut: 6, seed: 3)
            settings.problems = problems
            #expect(
                try #require(try settings.overlap(with: run)).contains("it is not known which problems it trains on"))
        }
    }
}
