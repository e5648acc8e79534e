import EADCore
import EADFiles
import EADTestKit
import Foundation
import Glibc
import Testing

extension ClusterTests {
    /// The beginning and the end of `ead-ctl up`.
    @Suite struct UpTests {
        /// The process of a node, by its lock; nil while there is none.
        private func process(_ node: String, _ cluster: ProcessCluster) -> pid_t? {
            // No lock, or a lock without a process in it yet, is no process.
            let text = try? String(contentsOfFile: cluster.layout.lock(of: NodeID(node)), encoding: .utf8)
            return text.flatMap { pid_t($0) }
        }

        private static let nodes = ["controller", "learner", "worker-1"]

        private func expectNobody(_ cluster: ProcessCluster) {
            for node in Self.nodes {
                guard let process = self.process(node, cluster) else { continue }
                // No such file when it is gone; a process that has ended and that nobody has asked about yet is a zombie.
                let state = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ") Z"
                #expect(state.contains(") Z"), "\(node) lives")
            }
        }

        @Test func anInterruptAtAnyMomentOfTheStartEndsTheCommandAndTheRunGoesOn() async throws {
            let outcome = try await ProcessCluster.with(ProcessClusterFile(oneWorker: true)) { cluster in
                for milliseconds in [100, 300, 600, 1000, 1800] {
                    let (child, output) = try cluster.startControl(["up", cluster.file.path])
                    try await Task.sleep(for: .milliseconds(milliseconds))
                    child.signal(SIGINT)
                    let ending = try await cluster.ending(of: child, within: .seconds(30))
                    let text = try String(contentsOf: output, encoding: .utf8)
                    // A quick host may be at the end by then.
                    let isFinished = text.contains("finished")
                    #expect(isFinished || text.contains("stopping"))
                    #expect(ending == .exited(isFinished ? 0 : 3), "\(milliseconds) ms: \(ending) \(text)")
                    self.expectNobody(cluster)
                }
                let last = try await cluster.control("up", cluster.file.path)
                // It may have been finished before.
                #expect(last.status == 0 && last.text.contains("finished"), "\(last.text)")
                return try Outcome(cluster)
            }
            #expect(try await outcome.weights == CalmRun.shared.outcome().weights)
        }

        @Test func aSecondInterruptEndsRolesThatHearNothing() async throws {
            try await ProcessCluster.with(ProcessClusterFile(oneWorker: true)) { cluster in
                let (child, output) = try cluster.startControl(["up", cluster.file.path])
                try await cluster.wait(for: "step 0") { try cluster.rootHashes()[0] != nil }
                for node in Self.nodes { kill(try #require(self.process(node, cluster)), SIGSTOP) }
                child.signal(SIGINT)
                try await cluster.wait(for: "the first to be heard") {
                    try String(contentsOf: output, encoding: .utf8).contains("stopping")
                }
                child.signal(SIGINT)
                #expect(try await cluster.ending(of: child, within: .seconds(5)) == .exited(130))
                #expect(try String(contentsOf: output, encoding: .utf8).contains("worker-1 was killed"))
                self.expectNobody(cluster)
            }
        }

        @Test(arguments: nodes)
        func aRoleToldToLeaveWhileItStartsLeaves(node: String) async throws {
            try await ProcessCluster.with(ProcessClusterFile(oneWorker: true)) { cluster in
                let child = try cluster.start(node)
                try await cluster.wait(for: "its lock") { self.process(node, cluster) == child.id }
                child.signal(SIGTERM)
                #expect(try await cluster.ending(of: child) == .exited(0))
            }
        }

        /// Begun where another has come to, a run without other settings is the one that was never interrupted.
        @Test func aRunBegunFromAnotherGoesOnAsThatWouldHave() async throws {
            let (same, other) = try await ProcessCluster.with(ProcessClusterFile(oneWorker: true)) { cluster in
                let whole = cluster.settings
                var half = whole
                half.steps = 3
                try cluster.write(half, to: "cluster.yaml")
                let first = try await cluster.control("up", cluster.file.path)
                #expect(first.status == 0, "\(first.text)")
                let before = try cluster.weights(after: 3)

                func fork(_ settings: ProcessClusterFile, to name: String) async throws -> (
                    status: Int32?, text: String
                ) {
                    let file = try cluster.write(settings, to: "\(name).yaml")
                    let directory = cluster.directory.appending(path: name).path
                    let output = try await cluster.control(
                        "up", file.path, "--run-dir", directory, "--from", cluster.run.path)
                    return (output.status, output.text)
                }
                func weights(_ name: String) throws -> Data {
                    let layout = RunLayout(cluster.directory.appending(path: name).path)
                    return try Data(contentsOf: URL(filePath: layout.checkpoint(of: GlobalStep(6)).model))
                }
                let short = try await fork(half, to: "short")
                #expect(short.status == 78 && short.text.contains("run.steps is 3"), "\(short.text)")
                #expect(!FileManager.default.fileExists(atPath: cluster.directory.appending(path: "short").path))
                let same = try await fork(whole, to: "same")
                #expect(same.status == 0 && same.text.contains("begins at step 3 with "), "\(same.text)")
                #expect(same.text.contains("finished the last 3 of 6 steps"), "\(same.text)")
                let again = try await fork(whole, to: "same")
                #expect(again.status == 64 && again.text.contains("holds a run already"), "\(again.text)")
                var changed = whole
                changed.learningRate = 0.004
                let other = try await fork(changed, to: "other")
                #expect(other.status == 0, "\(other.text)")
                #expect(other.text.contains("training.learning_rate was 0.002, is 0.004"), "\(other.text)")
                #expect(try cluster.weights(after: 3) == before)
                return (try weights("same"), try weights("other"))
            }
            let calm = try await CalmRun.shared.outcome().weights
            #expect(same == calm && other != calm)
        }

        @Test func nothingIsStartedWhereSomebodyListens() async throws {
            try await ProcessCluster.with { stranger in
                let controller = try stranger.start("controller")
                try await stranger.wait(for: "a stranger") { stranger.log(of: "controller").contains("listening") }
                var settings = ProcessClusterFile(oneWorker: true)
                settings.controllerPort = stranger.settings.controllerPort
                try await ProcessCluster.with(settings) { cluster in
                    let output = try await cluster.control("up", cluster.file.path)
                    #expect(output.status == 69, "\(output.text)")
                    #expect(output.text.contains("nodes.controller cannot listen on \(settings.controllerEndpoint)"))
                    #expect(try FileManager.default.contentsOfDirectory(atPath: cluster.run.path).isEmpty)
                }
                controller.signal(SIGTERM)
                #expect(try await stranger.ending(of: controller) == .exited(0))
            }
        }
    }
}
