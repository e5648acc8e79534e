import EADCore
import EADFiles
import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    /// Input that cannot be used ends a process with a sentence and a status, never with a trap or a guess.
    @Suite struct RefusalTests {
        @Test func aNodeWithAnotherClusterFileIsRefused() async throws {
            try await ProcessCluster.with { cluster in
                try cluster.start("controller")
                var other = cluster.settings
                other.learningRate = 0.5
                let file = try cluster.write(other, to: "other.yaml")
                for node in ["learner", "worker-1"] {
                    let child = try cluster.start(node, file: file)
                    #expect(try await cluster.ending(of: child) == .exited(78))
                    let reason =
                        "\(node) was started with another cluster file: training.learning_rate is 0.002 here and 0.5 there"
                    #expect(cluster.log(of: node).contains(reason))
                    let resolved = cluster.layout.resolvedConfiguration(of: NodeID(node))
                    #expect(!FileManager.default.fileExists(atPath: resolved))
                }
                let status = try #require(try await cluster.status())
                // A hello that waits long for its answer is repeated, and refused again.
                #expect(status.counters["refused", default: 0] >= 2, "\(status.counters)")
            }
        }

        @Test func nodesAgreeThatHaveTheSameOverlaysAndSettingsAndOthersAreRefused() async throws {
            try await ProcessCluster.with(ProcessClusterFile(oneWorker: true)) { cluster in
                let overlay = try cluster.write("training: {learning_rate: 0.5}\n", to: "overlay.yaml").path
                func start(_ node: String, _ steps: Int) throws -> ProcessClusterChild {
                    try cluster.start(node, arguments: ["--cluster", overlay, "--set", "run.steps=\(steps)"])
                }
                let others = try [start("controller", 2), start("learner", 2)]
                let odd = try start("worker-1", 3)
                #expect(try await cluster.ending(of: odd) == .exited(78))
                #expect(cluster.log(of: "worker-1").contains("run.steps is 2 here and 3 there"))
                try await cluster.waitForSuccess(others + [start("worker-1", 2)])
                #expect(try cluster.rootHashes().count == 2)
                let resolved = try String(
                    contentsOfFile: cluster.layout.resolvedConfiguration(of: NodeID("learner")), encoding: .utf8)
                #expect(resolved.contains("learning_rate: 0.5  # \(overlay):1\n"), "\(resolved)")
                #expect(resolved.contains("steps: 2  # --set run.steps=2\n"))
            }
        }

        @Test func aBrokenModelFileIsNamedWithItsFault() async throws {
            try await ProcessCluster.with { cluster in
                let model = cluster.directory.appending(path: "tiny.gguf")
                let data = try Data(contentsOf: model)
                try data.prefix(data.count / 2).write(to: model)
                for node in ["learner", "worker-1"] {
                    let child = try cluster.start(node)
                    #expect(try await cluster.ending(of: child) == .exited(65))
                    #expect(cluster.log(of: node).contains("error: ") && cluster.log(of: node).contains("tiny.gguf"))
                }
            }
        }

        @Test func missingAndMalformedProblemsAreNamedWithTheirLines() async throws {
            try await ProcessCluster.with { cluster in
                try cluster.write(
                    "{\"prompt\": \"1 =\", \"answer\": \"1\"}\n{\"prompt\": \"2 =\"}\n", to: "problems.jsonl")
                let malformed = try cluster.start("controller")
                #expect(try await cluster.ending(of: malformed) == .exited(65))
                let log = cluster.log(of: "controller")
                #expect(
                    log.contains("problems.jsonl") && log.contains("2") && log.contains("has no \"answer\""), "\(log)")
                try FileManager.default.removeItem(at: cluster.directory.appending(path: "problems.jsonl"))
                let missing = try cluster.start("controller", output: "missing")
                #expect(try await cluster.ending(of: missing) == .exited(65))
                #expect(cluster.log(of: "missing").contains("no such file"))
            }
        }

        @Test func promptsThatAreTooLongAreRefusedAtTheStartOrLeftOutWhenAskedFor() async throws {
            var settings = ProcessClusterFile(oneWorker: true)
            settings.steps = 2
            try await ProcessCluster.with(settings) { cluster in
                let file = cluster.directory.appending(path: "problems.jsonl")
                let long = String(repeating: "7 + ", count: 200)
                let problems = try String(contentsOf: file, encoding: .utf8)
                try cluster.write(problems + "{\"prompt\": \"\(long)\", \"answer\": \"1\"}\n", to: "problems.jsonl")
                let refused = try cluster.start("controller", output: "refused")
                #expect(try await cluster.ending(of: refused) == .exited(65))
                let log = cluster.log(of: "refused")
                #expect(log.contains("problems.jsonl:33: the prompt has") && log.contains("before a response of 600"))
                settings.task.append("overlong_prompts: drop")
                let dropping = try cluster.write(settings, to: "drop.yaml")
                try await cluster.waitForSuccess(
                    ["controller", "learner", "worker-1"].map { try cluster.start($0, file: dropping) })
                #expect(cluster.log(of: "controller").contains("1 prompts are too long and left out"))
            }
        }

        @Test func aRunDirectoryOfAnotherConfigurationIsRefused() async throws {
            try await ProcessCluster.with { cluster in
                let nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
                try await cluster.waitForSuccess(nodes)
                let before = try self.contents(cluster)
                var other = cluster.settings
                other.seed += 1
                other.maxTokens -= 1
                let file = try cluster.write(other, to: "other.yaml")
                for node in ["controller", "learner"] {
                    let child = try cluster.start(node, file: file, output: "other-\(node)")
                    #expect(try await cluster.ending(of: child) == .exited(78))
                    #expect(cluster.log(of: "other-\(node)").contains("another configuration"))
                    #expect(cluster.log(of: "other-\(node)").contains("run.seed was 7, is 8"))
                    #expect(cluster.log(of: "other-\(node)").contains("sampling.max_tokens was 600, is 599"))
                }
                other = cluster.settings
                other.steps -= 1
                let short = try cluster.start(
                    "controller", file: cluster.write(other, to: "short.yaml"), output: "short-controller")
                #expect(try await cluster.ending(of: short) == .exited(78))
                #expect(cluster.log(of: "short-controller").contains("run.steps is 5, but 6 steps"))
                #expect(try self.contents(cluster) == before, "a refused start changed the run")
            }
        }

        /// Every file of the run, but what nodes print and who runs.
        private func contents(_ cluster: ProcessCluster) throws -> [String: Data] {
            let names = try FileManager.default.subpathsOfDirectory(atPath: cluster.run.path).filter {
                !RunLayout.isOutput($0) && !$0.hasSuffix(".lock")
            }
            return Dictionary(
                uniqueKeysWithValues: names.map { name in
                    // Nil for a directory.
                    (name, FileManager.default.contents(atPath: cluster.run.appending(path: name).path) ?? Data())
                })
        }

        @Test func aFinishedRunGivenMoreStepsEndsAsIfItHadHadThemFromTheStart() async throws {
            var settings = ProcessClusterFile()
            settings.steps = 3
            let outcome = try await ProcessCluster.with(settings) { cluster in
                let nodes = ["controller", "learner", "worker-1"]
                try await cluster.waitForSuccess(nodes.map { try cluster.start($0) })
                var more = settings
                more.steps = 6
                more.checkpointEvery = 2
                more.requestTimeout = "2s"
                let file = try cluster.write(more, to: "more.yaml")
                try await cluster.waitForSuccess(nodes.map { try cluster.start($0, file: file) })
                #expect(try cluster.events("finished").count == 2)
                return (weights: try cluster.weights(after: 6), rootHashes: try cluster.rootHashes())
            }
            let calm = try await CalmRun.shared.outcome()
            #expect(outcome.weights == calm.weights && outcome.rootHashes == calm.rootHashes)
        }

        @Test func aDamagedCheckpointIsPassedOverForTheOneBeforeIt() async throws {
            var settings = ProcessClusterFile()
            settings.checkpointEvery = 2
            try await ProcessCluster.with(settings) { cluster in
                let nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
                try await cluster.waitForSuccess(nodes)
                let outcome = try Outcome(cluster)
                let weights = URL(filePath: cluster.layout.checkpoint(of: GlobalStep(6)).model)
                var data = try Data(contentsOf: weights)
                data[data.count / 2] ^= 1
                try data.write(to: weights)
                // The controller would say that the run is finished; its state goes back with the weights.
                let again = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
                try await cluster.wait(for: "the learner to say so") {
                    cluster.log(of: "learner").contains("checkpoint ignored")
                }
                try await cluster.waitForSuccess(again)
                #expect(cluster.log(of: "learner").contains("step-000006"))
                #expect(try cluster.weights(after: 6) == outcome.weights)
            }
        }

        @Test(arguments: ["controller", "learner"])
        func aFullDiskStopsTheRoleThatWritesWithASentence(node: String) async throws {
            try await ProcessCluster.with { cluster in
                // The limit on file sizes stands in for the end of the disk: writing fails, and nobody is killed for it.
                let limit = node == "controller" ? 8 : 512
                let shell = ["/bin/sh", "-c", "trap '' XFSZ; ulimit -f \(limit); exec \"$@\"", "sh"]
                let full = try cluster.start(node, prefix: shell)
                for other in ["controller", "learner", "worker-1"] where other != node { try cluster.start(other) }
                #expect(try await cluster.ending(of: full) == .exited(74))
                #expect(cluster.log(of: node).contains("error: cannot write"), "\(cluster.log(of: node))")
            }
        }
    }
}
