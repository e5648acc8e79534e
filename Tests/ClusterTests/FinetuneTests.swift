import EADCore
import EADFiles
import EADTestKit
import Foundation
import Glibc
import Testing

extension ClusterTests {
    /// `ead-ctl finetune`, killed and gone on with.
    @Suite struct FinetuneTests {
        private func arguments(_ cluster: ProcessCluster, _ directory: String, threads: Int) throws -> [String] {
            let lines = (0..<64).map { #"{"prompt": "\#($0) and \#($0 % 7) =", "response": " \#($0 + $0 % 7)"}"# }
            let data = cluster.directory.appending(path: "demonstrations.jsonl")
            try Data(lines.joined(separator: "\n").utf8).write(to: data)
            return [
                "finetune", "--model", cluster.directory.appending(path: "tiny.gguf").path, "--data", data.path,
                "--output", cluster.directory.appending(path: directory).path, "--steps", "60", "--batch", "16",
                "--learning-rate", "1e-3", "--checkpoint-every", "4", "--held-out", "8", "--threads", "\(threads)",
            ]
        }

        private func layout(_ cluster: ProcessCluster, _ directory: String) -> RunLayout {
            RunLayout(cluster.directory.appending(path: directory).path)
        }

        /// The line of the hash in what the command says at its end.
        private func digest(_ output: ProcessClusterOutput) throws -> String {
            let line = try #require(
                output.text.split(separator: "\n").first { $0.contains("SHA-256") }, "\(output.text)")
            return String(line.suffix(64))
        }

        private func hasCheckpoint(_ layout: RunLayout, after step: UInt64) -> Bool {
            let names = (try? FileTree.names(in: layout.checkpoints)) ?? []
            return names.contains { CheckpointLayout.entry($0).map { $0 == .checkpoint(GlobalStep(step)) } ?? false }
        }

        @Test func aKilledFinetuningIsGoneOnWithToTheBytesOfOneThatWasNot() async throws {
            try await ProcessCluster.with { cluster in
                let whole = try await cluster.control(self.arguments(cluster, "whole", threads: 1))
                #expect(whole.status == 0, "\(whole.text)")
                let parts = self.layout(cluster, "parts")
                for step: UInt64 in [4, 20] {
                    let (child, _) = try cluster.startControl(self.arguments(cluster, "parts", threads: 2))
                    try await cluster.wait(for: "the checkpoint of step \(step)") {
                        self.hasCheckpoint(parts, after: step) || self.hasCheckpoint(parts, after: step + 4)
                    }
                    child.signal(SIGKILL)
                    #expect(try await cluster.ending(of: child) == .killed(signal: SIGKILL))
                }
                let (child, output) = try cluster.startControl(self.arguments(cluster, "parts", threads: 2))
                try await cluster.wait(for: "the checkpoint of step 28") {
                    self.hasCheckpoint(parts, after: 28) || self.hasCheckpoint(parts, after: 32)
                }
                child.signal(SIGINT)
                #expect(try await cluster.ending(of: child) == .exited(3))
                #expect(try String(contentsOf: output, encoding: .utf8).contains("the same command goes on"))
                let last = try await cluster.control(self.arguments(cluster, "parts", threads: 2))
                #expect(last.status == 0, "\(last.text)")
                #expect(try self.digest(last) == self.digest(whole))
                for name in try FileTree.names(in: parts.checkpoint(of: GlobalStep(60)).path) {
                    let file = { (directory: String) in
                        try Data(
                            contentsOf: URL(
                                filePath: self.layout(cluster, directory).checkpoint(of: GlobalStep(60)).place(name)))
                    }
                    #expect(try file("parts") == file("whole"), "\(name)")
                }

                // It is a model for whoever takes one.
                let model = parts.checkpoint(of: GlobalStep(60)).path
                let said = try await cluster.control("generate", "--model", model, "1 and 1 =", "--max-tokens", "4")
                #expect(said.status == 0, "\(said.text)")
                let file = cluster.directory.appending(path: "warm.gguf").path
                let exported = try await cluster.control("export", model, "--to", "gguf", "--output", file)
                #expect(exported.status == 0 && FileTree.exists(file), "\(exported.text)")
                let page = cluster.directory.appending(path: "page.html").path
                let reported = try await cluster.control("report", parts.path, "--output", page)
                #expect(reported.status == 0, "\(reported.text)")
                #expect(try String(contentsOfFile: page, encoding: .utf8).contains("Cross-entropy in training"))
            }
        }

        @Test func linesThatCannotBeUsedAreNamedAndNothingIsWritten() async throws {
            try await ProcessCluster.with { cluster in
                var arguments = try self.arguments(cluster, "bad", threads: 1)
                let data = cluster.directory.appending(path: "bad.jsonl")
                try Data("{\"prompt\": \"a\"}\n{\"prompt\": \"a\", \"response\": \"b\"}\nno\n".utf8).write(to: data)
                arguments[4] = data.path
                let output = try await cluster.control(arguments)
                #expect(output.status == 65)
                #expect(
                    output.text.contains("bad.jsonl:1: ") && output.text.contains("bad.jsonl:3: "), "\(output.text)")
                #expect(!FileTree.exists(self.layout(cluster, "bad").path))
            }
        }
    }
}
