import EADCore
import EADFiles
import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    /// What a person sees of a cluster, and how they steer it.
    @Suite struct ControlTests {
        @Test func validateNamesEveryProblemWithItsLine() async throws {
            try await ProcessCluster.with { cluster in
                var text = cluster.settings.text.replacing("samples_per_prompt: 16", with: "samples_per_prompt: 1")
                text = text.replacing("kind: jsonl", with: "kind: sums")
                text += "colour: blue\n"
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                func line(_ part: String) throws -> Int { try #require(lines.firstIndex { $0.contains(part) }) + 1 }
                let file = try cluster.write(text, to: "wrong.yaml")
                let output = try await cluster.control("validate", file.path)
                #expect(output.status == 78)
                for part in ["samples_per_prompt", "kind: sums", "colour"] {
                    #expect(output.text.contains("wrong.yaml:\(try line(part)): "), "\(part) in \(output.text)")
                }
                let refused = try await cluster.control("validate", "--json", file.path)
                #expect(refused.status == 78 && refused.text.contains(#""path":"colour""#), "\(refused.text)")
                let failure = try JSONDecoder().decode(ReportedFailure.self, from: Data(refused.text.utf8)).error
                #expect(failure.kind == "configuration" && failure.status == 78)
                #expect(failure.problems?.contains { $0.line == (try? line("colour")) } == true)
                let usage = try await cluster.control("status", "--json", "--nonsense")
                let said = try JSONDecoder().decode(ReportedFailure.self, from: Data(usage.text.utf8)).error
                #expect(usage.status == 64 && said.kind == "usage" && said.message.contains("--nonsense"))
                let right = try await cluster.control("validate", "--quiet", cluster.file.path)
                #expect(right.status == 0 && right.text.isEmpty)
                let shown = try await cluster.control(
                    "validate", cluster.file.path, "--set", "run.steps=3", "--origins")
                #expect(shown.status == 0 && shown.text.contains("  steps: 3  # --set run.steps=3\n"), "\(shown.text)")
            }
        }

        @Test func statusTellsHealthyFromDegradedFromUnreachable() async throws {
            var settings = ProcessClusterFile()
            settings.workers = ["worker-1"]
            settings.steps = 1000
            try await ProcessCluster.with(settings) { cluster in
                func status() async throws -> Int32? {
                    try await cluster.control("status", "--cluster", cluster.file.path).status
                }
                #expect(try await status() == 2)
                let nodes = try ["controller", "learner"].map { try cluster.start($0) }
                try await cluster.waitForStatus("the learner") { $0.member("learner")?.health == "alive" ? () : nil }
                #expect(try await status() == 1)
                let worker = try cluster.start("worker-1")
                try await cluster.waitForStatus("health") { $0.healthy ? () : nil }
                #expect(try await status() == 0)
                let stop = try await cluster.control("stop", "--cluster", cluster.file.path)
                #expect(stop.status == 0)
                try await cluster.waitForSuccess(nodes + [worker])
                #expect(try await status() == 2)
                #expect(try cluster.events("finished").isEmpty)
            }
        }

        @Test func aPausedRunStandsStillUntilItIsResumedAndAStoppedOneGoesOnLater() async throws {
            let outcome = try await ProcessCluster.with { cluster in
                func steer(_ verb: String) async throws {
                    let output = try await cluster.control(verb, "--cluster", cluster.file.path)
                    #expect(output.status == 0, "\(output.text)")
                }
                var nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
                try await cluster.wait(for: "step 0") { try cluster.rootHashes()[0] != nil }
                try await steer("pause")
                // Work under way finishes; then nobody holds anything. Heartbeats say so, and the last one may be older
                // than the last offer: two more of each are waited for.
                var (silence, heard): ([String: Int], [String: Int]) = ([:], [:])
                let step = try await cluster.waitForStatus("nobody to hold a lease") { status -> Int? in
                    let isIdle = status.members.allSatisfy { $0.leases.isEmpty && $0.activity != "training" }
                    guard status.phase == "paused", isIdle else {
                        heard = [:]
                        return nil
                    }
                    let alive = status.members.filter { $0.health == "alive" }
                    for member in alive {
                        let isNew = member.silentMilliseconds < silence[member.node, default: .max]
                        if isNew { heard[member.node, default: 0] += 1 }
                        silence[member.node] = member.silentMilliseconds
                    }
                    return alive.allSatisfy { heard[$0.node, default: 0] > 2 } ? status.step : nil
                }
                for _ in 0..<3 {
                    let status = try #require(try await cluster.status())
                    #expect(status.phase == "paused" && status.waitingFor == "ead-ctl resume")
                    #expect(status.step == step && status.members.allSatisfy { $0.leases.isEmpty })
                }
                try await steer("resume")
                try await cluster.wait(for: "another step") { try cluster.rootHashes()[step] != nil }
                try await steer("stop")
                try await cluster.waitForSuccess(nodes)
                nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
                try await cluster.waitForSuccess(nodes)
                let names = try cluster.records().compactMap(\.event)
                #expect(names.contains("paused") && names.contains("resumed") && names.last == "left")
                return try Outcome(cluster)
            }
            #expect(try await outcome == CalmRun.shared.outcome())
        }

        /// Two clusters on one port: of another name, and of the same name in another directory.
        @Test func whoeverMeansAnotherRunOnThePortReachesNothing() async throws {
            var settings = ProcessClusterFile(oneWorker: true)
            settings.steps = 1000
            try await ProcessCluster.with(settings) { cluster in
                let nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
                try await cluster.wait(for: "step 0") { try cluster.rootHashes()[0] != nil }
                let elsewhere = cluster.directory.appending(path: "elsewhere")
                try FileManager.default.createDirectory(at: elsewhere, withIntermediateDirectories: true)
                let id = String(repeating: "07", count: 16)
                try Data("{\"run\": \"\(id)\"}".utf8).write(to: elsewhere.appending(path: "controller.json"))
                let text = cluster.settings.text
                let others = [
                    ("“other”", text.replacing("name: test", with: "name: other")),
                    (id, text.replacing("directory: run", with: "directory: elsewhere")),
                ]
                for (index, (name, text)) in others.enumerated() {
                    let file = try cluster.write(text, to: "other-\(index).yaml").path
                    for verb in ["status", "pause", "stop"] {
                        let output = try await cluster.control(verb, "--cluster", file)
                        #expect(output.status == (verb == "status" ? 2 : 78), "\(verb): \(output.text)")
                        let isClear =
                            output.text.contains("this is run “test” (") && output.text.contains("not \(name)")
                        #expect(isClear, "\(verb): \(output.text)")
                    }
                }
                // A worker of the other one does not take the place of this one's.
                let stranger = try cluster.start(
                    "worker-1", arguments: ["--run-dir", elsewhere.path], output: "stranger")
                #expect(try await cluster.ending(of: stranger) == .exited(78))
                #expect(cluster.log(of: "stranger").contains("not \(id)"))
                let status = try #require(try await cluster.status())
                #expect(status.phase == "training" && status.member("worker-1")?.health == "alive")
                let stop = try await cluster.control("stop", "--cluster", cluster.file.path)
                #expect(stop.status == 0 && stop.text.contains("run “test”"), "\(stop.text)")
                try await cluster.waitForSuccess(nodes)
            }
        }

        @Test func upRunsAClusterToItsEndAndSumsItUp() async throws {
            var settings = ProcessClusterFile()
            settings.workers = ["worker-1", "worker-2"]
            settings.steps = 2
            settings.task = ["kind: jsonl", "path: problems.jsonl", "held_out: 4"]
            settings.evaluation = ["before: true", "after: true", "samples: 2"]
            try await ProcessCluster.with(settings) { cluster in
                let output = try await cluster.control("up", cluster.file.path)
                #expect(output.status == 0, "\(output.text)")
                let hash = try #require(try cluster.rootHashes()[1])
                for part in ["finished 2 steps in", "policy 0", "policy 2", "final weights (SHA-256) \(hash)"] {
                    #expect(output.text.contains(part), "\(part) in \(output.text)")
                }
                #expect(try cluster.events("finished").count == 1)
                // A finished run stays finished: the same command shows its summary again.
                let again = try await cluster.control("up", cluster.file.path)
                #expect(again.status == 0 && again.text.contains("final weights (SHA-256) \(hash)"), "\(again.text)")
            }
        }

        @Test func upStartsAKilledRoleAgain() async throws {
            let outcome = try await ProcessCluster.with(ProcessClusterFile(oneWorker: true)) { cluster in
                let (child, output) = try cluster.startControl(["up", cluster.file.path])
                try await cluster.wait(for: "step 0") { try cluster.rootHashes()[0] != nil }
                let process = try String(contentsOfFile: cluster.layout.lock(of: NodeID("learner")), encoding: .utf8)
                kill(try #require(pid_t(process)), SIGKILL)
                #expect(try await cluster.ending(of: child) == .exited(0))
                let text = try String(contentsOf: output, encoding: .utf8)
                #expect(text.contains("learner died (status 137); starting it again"), "\(text)")
                return try Outcome(cluster)
            }
            #expect(try await outcome.weights == CalmRun.shared.outcome().weights)
        }
    }
}

extension ProcessClusterFile {
    /// The usual run with a single worker in the file.
    init(oneWorker: Bool) {
        self.init()
        if oneWorker { self.workers = ["worker-1"] }
    }
}

/// What a command with `--json` says when it fails.
private struct ReportedFailure: Decodable {
    struct Failure: Decodable {
        var kind: String
        var status: Int32
        var message: String
        var problems: [Problem]?
    }

    struct Problem: Decodable {
        var line: Int?
        var path: String
    }

    var error: Failure
}
