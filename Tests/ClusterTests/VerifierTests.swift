import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    @Suite struct VerifierTests {
        /// Dies at every fifth request of each of its lives.
        private static let script = """
            #!/bin/sh
            count=0
            while read -r line; do
                count=$((count + 1))
                [ $count -lt 5 ] || exit 3
                id=${line#*:}
                echo "{\\"id\\":${id%%,*},\\"reward\\":$((count % 2))}"
            done

            """

        private static func settings(steps: Int, samples: Int) -> ProcessClusterFile {
            var settings = ProcessClusterFile()
            settings.steps = steps
            settings.samples = samples
            settings.maxTokens = 20
            settings.task = [
                "kind: jsonl", "path: problems.jsonl", "held_out: 4", "verifier: command",
                "command: [/bin/sh, ./verify.sh]",
            ]
            return settings
        }

        @Test func aVerifierThatAlwaysFailsTrainsNothing() async throws {
            try await ProcessCluster.with(Self.settings(steps: 2, samples: 2)) { cluster in
                try cluster.write("exit 4\n", to: "verify.sh")
                let nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
                try await cluster.waitForSuccess(nodes)
                let steps = try cluster.records().filter { $0.kind == "step" }
                #expect(steps.map { $0["unscored_rollouts"] } == [8, 8])
                #expect(steps.allSatisfy { $0["groups_with_advantage"] == 0 })
                #expect(try Set(cluster.rootHashes().values).count == 1)
            }
        }

        @Test func aVerifierThatNeverScoresEndsTheRunWithItsLastWords() async throws {
            var settings = Self.settings(steps: 20, samples: 2)
            settings.maxIdleSteps = 2
            try await ProcessCluster.with(settings) { cluster in
                try cluster.write("echo no such key >&2; exit 4\n", to: "verify.sh")
                let controller = try cluster.start("controller")
                for node in ["learner", "worker-1"] { _ = try cluster.start(node) }
                #expect(try await cluster.ending(of: controller) == .exited(70))
                let log = cluster.log(of: "controller")
                #expect(log.contains("the last 2 steps had nothing to learn from: no response has a score"))
                #expect(log.contains("no such key"))
                #expect(try cluster.records().filter { $0.kind == "step" }.count == 2)
            }
        }

        @Test func upAndDoctorAskTheVerifierBeforeAnythingStarts() async throws {
            try await ProcessCluster.with(Self.settings(steps: 2, samples: 2)) { cluster in
                try cluster.write("echo no such key >&2; exit 4\n", to: "verify.sh")
                let up = try await cluster.control("up", cluster.file.path)
                #expect(up.status == 78 && up.text.contains("no such key"), "\(up)")
                #expect(try cluster.records().isEmpty)
                let doctor = try await cluster.control("doctor", "--cluster", cluster.file.path)
                #expect(doctor.status == 1 && doctor.text.contains("died (exit status 4)"), "\(doctor.text)")
            }
        }

        @Test func aWorkerWithoutItsVerifierDoesNotStart() async throws {
            var settings = Self.settings(steps: 1, samples: 2)
            settings.task[4] = "command: [./verify.sh]"
            try await ProcessCluster.with(settings) { cluster in
                let worker = try cluster.start("worker-1")
                #expect(try await cluster.ending(of: worker) == .exited(78))
                let program = cluster.directory.appending(path: "verify.sh").path
                #expect(cluster.log(of: "worker-1").contains("\(program) cannot be started: No such file or directory"))
            }
        }

        @Test(.timeLimit(.minutes(5))) func aKilledWorkerLeavesNothingOfItsVerifier() async throws {
            try await ProcessCluster.with(Self.settings(steps: 1, samples: 2)) { cluster in
                let fifo = cluster.directory.appending(path: "alive").path
                #expect(mkfifo(fifo, 0o600) == 0)
                try cluster.write(
                    "setsid sh -c 'setsid sleep 10000 & while :; do :; done' >'\(fifo)' &\nwhile :; do :; done\n",
                    to: "verify.sh")
                let worker = try cluster.start("worker-1")
                // Opens when what the program started has the other end, and ends when nobody has it any more.
                let descriptor = await Task.detached { open(fifo, O_RDONLY) }.value
                defer { close(descriptor) }
                worker.signal(SIGKILL)
                let end = await Task.detached {
                    var byte: UInt8 = 0
                    return read(descriptor, &byte, 1)
                }.value
                #expect(end == 0)
                #expect(try await cluster.ending(of: worker) == .killed(signal: SIGKILL))
            }
        }

        @Test func aRunFinishesWithAVerifierThatDiesNowAndThen() async throws {
            var settings = Self.settings(steps: 3, samples: 4)
            settings.evaluation = ["before: false", "after: true", "samples: 2"]
            try await ProcessCluster.with(settings) { cluster in
                try cluster.write(Self.script, to: "verify.sh")
                let nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
                try await cluster.waitForSuccess(nodes)
                let unscored = try cluster.records().filter { $0.kind == "step" }.map {
                    try #require($0["unscored_rollouts"])
                }
                #expect(unscored.count == 3)
                // 16 rollouts a step: at least three of them are a fifth.
                #expect(unscored.allSatisfy { (3...4).contains($0) }, "\(unscored)")
                let samples = try cluster.evaluatedSamples("step-000003")
                #expect(samples.count == 12)
                let failed = samples.count { !$0.scored }
                #expect((2...3).contains(failed), "\(failed)")
                let deaths = cluster.log(of: "worker-1").ranges(of: "died (exit status 3)").count
                #expect(Double(deaths) == unscored.reduce(0, +) + Double(failed))
            }
        }
    }
}
