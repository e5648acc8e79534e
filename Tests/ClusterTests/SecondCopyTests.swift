import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    @Suite struct SecondCopyTests {
        @Test func theGroupsOfASlowWorkerAreCopiedAndTheWeightsAreThoseOfTheCalmRun() async throws {
            var settings = ProcessClusterFile()
            // Enough work for both to show how fast they are before the run is over.
            (settings.steps, settings.workers) = (40, ["worker-1", "worker-2"])
            let outcome = try await ProcessCluster.with(settings) { cluster in
                let nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
                let slow = try cluster.start("worker-2")
                try await cluster.waitForStatus("both to work") { status in
                    ["worker-1", "worker-2"].allSatisfy { status.member($0)?.health == "alive" } ? () : nil
                }
                // It goes on for a moment now and then, so that it is not taken for dead.
                try await cluster.wait(for: "a copy to be there first") {
                    slow.signal(SIGSTOP)
                    let status = try await cluster.status()
                    try await Task.sleep(for: .milliseconds(150))
                    slow.signal(SIGCONT)
                    try await Task.sleep(for: .milliseconds(20))
                    return status?.counters["copies_won"] ?? 0 > 0
                }
                try await cluster.waitForSuccess(nodes + [slow])
                #expect(try cluster.events("died").isEmpty && cluster.events("lease_expired").isEmpty)
                return try Outcome(cluster)
            }
            let calm = try await ProcessCluster.with(settings) { cluster in
                let nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
                try await cluster.waitForSuccess(nodes)
                return try Outcome(cluster)
            }
            #expect(outcome == calm)
        }
    }
}
