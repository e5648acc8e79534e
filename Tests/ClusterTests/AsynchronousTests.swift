import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    /// Groups of later steps are sampled while a step is trained.
    @Suite struct AsynchronousTests {
        @Test func anAsynchronousRunSurvivesTheDeathOfEveryRole() async throws {
            var settings = ProcessClusterFile()
            settings.steps = 8
            settings.stalenessBound = 2
            try await ProcessCluster.with(settings) { cluster in
                var controller = try cluster.start("controller")
                var learner = try cluster.start("learner")
                var workers = try ["worker-1", "worker-2"].map { try cluster.start($0) }
                func waitForStep(_ step: Int) async throws {
                    try await cluster.wait(for: "step \(step)") { try cluster.rootHashes()[step] != nil }
                }
                try await waitForStep(0)
                try await cluster.kill(workers[0])
                workers[0] = try cluster.start("worker-1")
                try await waitForStep(2)
                try await cluster.kill(learner)
                learner = try cluster.start("learner")
                try await waitForStep(4)
                try await cluster.kill(controller)
                controller = try cluster.start("controller")
                try await cluster.waitForSuccess([controller, learner] + workers)

                // Without a checkpoint everything was trained again, and came to the policy that it had been.
                let log = cluster.log(of: "learner")
                #expect(log.contains("training step 2 again from the journal"))
                let hashes = try cluster.rootHashes()
                #expect(hashes[settings.steps - 1] != nil)
                for (step, hash) in hashes where log.contains("policy \(step + 1) has the root hash") {
                    #expect(log.contains("policy \(step + 1) has the root hash \(hash)"))
                }
                let ages = try cluster.records().filter { $0.kind == "step" }.compactMap { $0["staleness_mean"] }
                #expect(ages.count > 2 && ages.allSatisfy { (0...2).contains($0) })
                #expect(ages.contains { $0 > 0 }, "nobody sampled ahead")
            }
        }
    }
}
