import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    /// Steps whose groups of equal rewards are replaced by others.
    @Suite struct GroupFilterTests {
        private static func settings(rounds: Int) -> ProcessClusterFile {
            var settings = ProcessClusterFile()
            settings.algorithm = [
                "correction: token-truncated", "group_filter: mixed", "group_filter_rounds: \(rounds)",
            ]
            // So few responses that about every other group has none of the rare right ones.
            settings.samples = 6
            settings.maxTokens = 300
            return settings
        }

        @Test func aFilteredRunHasTheSameWeightsForAnyNumberOfWorkersOneOfThemKilled() async throws {
            let settings = Self.settings(rounds: 10)
            let calm = try await ProcessCluster.with(settings) { cluster in
                let nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
                try await cluster.waitForSuccess(nodes)
                return (outcome: try Outcome(cluster), steps: try cluster.steps())
            }
            let disturbed = try await ProcessCluster.with(settings) { cluster in
                let controller = try cluster.start("controller")
                let learner = try cluster.start("learner")
                try await cluster.killWorkerWithLeases("worker-3")
                var nodes = try [controller] + ["worker-1", "worker-2"].map { try cluster.start($0) }
                // In the middle of a step that has replacements already.
                try await cluster.waitForStatus("a step with replacements") { status in
                    status.groupsPerStep > settings.prompts ? () : nil
                }
                try await cluster.kill(learner)
                nodes.append(try cluster.start("learner"))
                try await cluster.waitForSuccess(nodes)
                return (outcome: try Outcome(cluster), steps: try cluster.steps())
            }
            #expect(disturbed.outcome == calm.outcome)
            let filtered = calm.steps.map { $0["groups_filtered"] ?? -1 }
            #expect(filtered.reduce(0, +) > 0 && filtered.allSatisfy { $0 >= 0 }, "\(filtered)")
            for (step, record) in calm.steps.enumerated() {
                #expect(record["groups_sampled"] == Double(settings.prompts) + filtered[step])
                #expect(record["filter_exhausted"] == 0 && record["pass_at_k"] == 1)
                #expect(record["groups_with_advantage"] == Double(settings.prompts))
            }
            #expect(disturbed.steps.map { $0["groups_filtered"] } == filtered)
        }

        /// Nothing can be learnt from an answer that is never given.
        @Test func aStepOfWhichNothingIsKeptPublishesTheSameWeights() async throws {
            var settings = Self.settings(rounds: 2)
            settings.steps = 2
            let (steps, hashes, log) = try await ProcessCluster.with(settings) { cluster in
                try cluster.write(
                    (0..<8).map { #"{"prompt": "\#($0) =", "answer": "123456"}"# + "\n" }.joined(),
                    to: "problems.jsonl")
                let nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
                try await cluster.waitForSuccess(nodes)
                return (try cluster.steps(), try cluster.rootHashes(), cluster.log(of: "learner"))
            }
            #expect(steps.map { $0["groups_sampled"] } == [8, 8] && steps.map { $0["groups_filtered"] } == [8, 8])
            #expect(steps.allSatisfy { $0["filter_exhausted"] == 1 && $0["reward_sampled"] == 0 })
            #expect(hashes.count == 2 && Set(hashes.values).count == 1)
            #expect(log.contains("step 1 is trained on 0 groups instead of 4"))
        }
    }
}

extension ProcessCluster {
    /// The last record of each step, in order.
    fileprivate func steps() throws -> [ProcessClusterRecord] {
        let records = try self.records().filter { $0.kind == "step" }
        return Dictionary(records.map { ($0.step, $0) }, uniquingKeysWith: { $1 }).values.sorted { $0.step < $1.step }
    }
}
