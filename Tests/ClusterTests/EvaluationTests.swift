import EADCore
import EADFiles
import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    /// `ead-ctl eval`, with a cluster and without.
    @Suite struct EvaluationTests {
        private struct Report: Decodable, Equatable {
            let version: Int
            let problems: Int
            let samples: Int
            let values: [String: Double]
        }

        private func report(_ output: ProcessClusterOutput) throws -> Report {
            // What goes to standard error comes before the object.
            let start = try #require(output.text.firstIndex(of: "{"), "\(output.text)")
            return try JSONDecoder().decode(Report.self, from: Data(output.text[start...].utf8))
        }

        private func lines(_ cluster: ProcessCluster, _ path: String) throws -> [String] {
            try String(contentsOf: cluster.directory.appending(path: path), encoding: .utf8)
                .split(separator: "\n").map { String($0) }
        }

        private var settings: ProcessClusterFile {
            var settings = ProcessClusterFile(oneWorker: true)
            settings.task = ["kind: jsonl", "path: problems.jsonl", "held_out: 4"]
            settings.evaluation = [
                "before: false", "after: true", "samples: 2",
                "sampling: {max_tokens: 60, schedule: {kind: constant, temperature: 1.5}}",
            ]
            settings.steps = 2
            return settings
        }

        @Test func aPausedClusterIsEvaluatedAndGoesOn() async throws {
            var settings = self.settings
            // What is under way when it is paused must not be the end of the run.
            settings.steps = 1000
            try await ProcessCluster.with(settings) { cluster in
                let nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
                try await cluster.wait(for: "step 0") { try cluster.rootHashes()[0] != nil }
                let file = cluster.file.path
                #expect(try await cluster.control("pause", "--cluster", file).status == 0)
                let output = try await cluster.control("eval", "--cluster", file, "--samples", "3", "--json")
                #expect(output.status == 0, "\(output.text)")
                let report = try self.report(output)
                #expect(report.problems == 4 && report.samples == 3 && report.values["pass_at_3"] != nil)
                // Asked again it is there already, and the table says the same.
                let again = try await cluster.control("eval", "--cluster", file, "--samples", "3")
                #expect(again.status == 0 && again.text.contains("4 problems x 3"), "\(again.text)")
                let record = try #require(try cluster.records().first { $0.kind == "evaluation" })
                #expect(record.values == report.values && record.step == report.version)
                let responses = cluster.layout.evaluation(
                    of: PolicyVersion(UInt64(report.version)), samples: 3, planned: 2)
                #expect(
                    try String(contentsOfFile: responses, encoding: .utf8).split(separator: "\n").count == 4 * (3 + 1))
                #expect(try await cluster.status()?.phase == "paused")
                #expect(try await cluster.control("resume", "--cluster", file).status == 0)
                try await cluster.wait(for: "another step") { try cluster.rootHashes()[report.version] != nil }
                #expect(try await cluster.control("stop", "--cluster", file).status == 0)
                try await cluster.waitForSuccess(nodes)
                #expect(try cluster.records().count { $0.kind == "evaluation" } == 1)
            }
        }

        @Test func aCheckpointGivesTheFiguresAndResponsesThatTheClusterFound() async throws {
            try await ProcessCluster.with(self.settings) { cluster in
                let nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
                try await cluster.waitForSuccess(nodes)
                func path(_ name: String) -> String { cluster.directory.appending(path: name).path }
                let output = try await cluster.control(
                    "eval", "--model", path("tiny.gguf"), "--checkpoint", path("run/checkpoints/step-000002"),
                    "--precision", "f32", "--task", "jsonl", "--data", path("problems.jsonl"), "--held-out", "4",
                    "--samples", "2", "--greedy", "--max-tokens", "60", "--temperature", "1.5", "--seed", "7", "--json",
                    "--output", path("samples.jsonl"))
                #expect(output.status == 0, "\(output.text)")
                let report = try self.report(output)
                let record = try #require(try cluster.records().first { $0.kind == "evaluation" })
                #expect(report.version == 2 && record.step == 2 && record.values == report.values)
                let samples = try self.lines(cluster, "samples.jsonl")
                #expect(try samples.count == 12 && samples == self.lines(cluster, "run/evaluations/step-000002.jsonl"))
                // A program scores as well, without a cluster.
                try cluster.write(
                    #"while read -r line; do id=${line#*:}; echo "{\"id\":${id%%,*},\"reward\":1}"; done"#, to: "v.sh")
                let scored = try await cluster.control(
                    "eval", "--model", path("tiny.gguf"), "--task", "jsonl", "--data", path("problems.jsonl"),
                    "--held-out", "4", "--samples", "1", "--max-tokens", "5", "--json", "--verifier", "command",
                    "--command", "/bin/sh", path("v.sh"))
                #expect(try scored.status == 0 && self.report(scored).values["mean"] == 1, "\(scored.text)")
            }
        }

        @Test func whatCanNotBeEvaluatedIsExplained() async throws {
            try await ProcessCluster.with(self.settings) { cluster in
                let path = cluster.directory.path
                for (arguments, status, part) in [
                    ([], 64, "--cluster FILE, or --task"),
                    (["--task", "add2"], 64, "--held-out"),
                    (["--task", "add2", "--held-out", "2", "--samples", "0"], 64, "--greedy"),
                    (["--task", "add2", "--held-out", "2", "--samples", "1025"], 64, "between 0 and 1024"),
                    (["--task", "add2", "--held-out", "2", "--data", "x"], 64, "--data must be absent"),
                    (["--task", "sums", "--held-out", "2"], 64, "--task"),
                    // Before the model is read, which is not there either.
                    (
                        [
                            "--task", "add2", "--held-out", "2", "--model", "\(path)/none.gguf", "--output",
                            "\(path)/none/out.jsonl",
                        ], 74, "none/out.jsonl"
                    ),
                    (
                        [
                            "--task", "add2", "--held-out", "2", "--model", "\(path)/tiny.gguf", "--max-tokens", "1020",
                        ], 65, "has room for 4 before a response of 1020"
                    ),
                    (["--cluster", cluster.file.path, "--temperature", "1"], 64, "--temperature"),
                    (["--cluster", cluster.file.path], 69, "no answer from the controller"),
                    (["--cluster", "\(path)/none.yaml"], 78, "none.yaml"),
                    (["--task", "add2", "--held-out", "2", "--model", "\(path)/none.gguf"], 65, "none.gguf"),
                    (
                        [
                            "--task", "add2", "--held-out", "2", "--model", "\(path)/tiny.gguf", "--checkpoint",
                            "\(path)/none",
                        ], 65, "SHA256SUMS"
                    ),
                ] as [([String], Int32, String)] {
                    let (child, output) = try cluster.startControl(["eval"] + arguments)
                    let ending = try await cluster.ending(of: child)
                    let text = try String(contentsOf: output, encoding: .utf8)
                    #expect(ending == .exited(status) && text.contains(part), "\(arguments): \(ending) \(text)")
                }
            }
        }
    }
}
