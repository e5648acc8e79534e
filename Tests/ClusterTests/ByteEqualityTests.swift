import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    /// The final weights are a function of the cluster file, whoever computed what, whatever died meanwhile.
    @Suite struct ByteEqualityTests {
        @Test func everyStepOfTheCalmRunChangesTheWeights() async throws {
            let calm = try await CalmRun.shared.outcome()
            #expect(calm.rootHashes.count == ProcessClusterFile().steps)
            // Otherwise equal weights at the end would prove nothing.
            #expect(Set(calm.rootHashes.values).count == calm.rootHashes.count)
        }

        @Test func killingAWorkerThatHoldsLeasesAndAddingOneLateGivesTheSameWeightsByteForByte() async throws {
            let calm = try await CalmRun.shared.outcome()
            let disturbed = try await ProcessCluster.with { cluster in
                var nodes = try ["controller", "learner"].map { try cluster.start($0) }
                try await cluster.killWorkerWithLeases("worker-2")
                nodes += try ["worker-1", "worker-3"].map { try cluster.start($0) }
                try await cluster.waitForSuccess(nodes)
                #expect(try cluster.events("joined", of: "worker-3").count == 1)
                return try Outcome(cluster)
            }
            print("final weights, calm:      \(calm.hash)\nfinal weights, disturbed: \(disturbed.hash)")
            #expect(disturbed.rootHashes == calm.rootHashes)
            #expect(disturbed.weights == calm.weights)
        }

        @Test(.enabled(if: CachedAssets.model != nil, "\(CachedAssets.advice)"))
        func theSameHoldsForSmolLM2() async throws {
            var settings = ProcessClusterFile()
            settings.steps = 3
            settings.model = CachedAssets.model ?? ""
            settings.precision = "bf16"
            settings.task = ["kind: add2", "seed: 1", "held_out: 0"]
            settings.samples = 4
            settings.lanes = 8
            settings.maxTokens = 8
            settings.temperature = "kind: ead, d_0: 8"
            settings.learningRate = 4e-6
            let calm = try await ProcessCluster.with(settings) { cluster in
                let nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
                try await cluster.waitForSuccess(nodes, within: .seconds(300))
                return try Outcome(cluster)
            }
            let disturbed = try await ProcessCluster.with(settings) { cluster in
                var nodes = try ["controller", "learner"].map { try cluster.start($0) }
                try await cluster.killWorkerWithLeases("worker-2")
                nodes += try ["worker-1", "worker-3"].map { try cluster.start($0) }
                try await cluster.waitForSuccess(nodes, within: .seconds(300))
                return try Outcome(cluster)
            }
            print("SmolLM2, calm:      \(calm.hash)\nSmolLM2, disturbed: \(disturbed.hash)")
            #expect(Set(calm.rootHashes.values).count > 1)
            #expect(disturbed.rootHashes == calm.rootHashes)
            #expect(disturbed.weights == calm.weights)
        }
    }
}
