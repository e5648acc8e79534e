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

        @Test func aRunFinishesWithAVerifierThatDiesNowAndThen() async throws {
            var settings = ProcessClusterFile()
            settings.steps = 3
            settings.samples = 4
            settings.maxTokens = 20
            settings.task = [
                "kind: jsonl", "path: problems.jsonl", "held_out: 4", "verifier: command",
                "command: [/bin/sh, ./verify.sh]",
            ]
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
                let samples = try cluster.evaluatedSamples()
                #expect(samples.count == 12)
                let failed = samples.count { $0["scored"] == 0 }
                #expect((2...3).contains(failed), "\(failed)")
                let deaths = cluster.log(of: "worker-1").ranges(of: "died (exit status 3)").count
                #expect(Double(deaths) == unscored.reduce(0, +) + Double(failed))
            }
        }
    }
}
