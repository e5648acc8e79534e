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
                    #expect(cluster.log(of: node).contains("\(node) was started with another cluster file"))
                }
                let status = try #require(try await cluster.status())
                // A hello that waits long for its answer is repeated, and refused again.
                #expect(status.counters["refused", default: 0] >= 2, "\(status.counters)")
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

        @Test func aRunDirectoryOfAnotherConfigurationIsRefused() async throws {
            try await ProcessCluster.with { cluster in
                let nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
                try await cluster.waitForSuccess(nodes)
                var other = cluster.settings
                other.seed += 1
                let file = try cluster.write(other, to: "other.yaml")
                for node in ["controller", "learner"] {
                    let child = try cluster.start(node, file: file, output: "other-\(node)")
                    #expect(try await cluster.ending(of: child) == .exited(78))
                    #expect(cluster.log(of: "other-\(node)").contains("another configuration"))
                }
            }
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
