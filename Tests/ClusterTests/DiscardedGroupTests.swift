import EADCore
import EADFiles
import EADLearner
import EADProtocol
import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    /// A group whose log-probabilities are not the learner's costs an attempt, and not the run.
    @Suite struct DiscardedGroupTests {
        @Test func aJournalledGroupWithOtherLogProbsIsThrownOutAndSampledAgain() async throws {
            let outcome = try await ProcessCluster.with { cluster in
                let others = try ["controller", "worker-1"].map { try cluster.start($0) }
                var learner = try cluster.start("learner")
                var isHit = false
                for step in 1..<cluster.settings.steps where !isHit {
                    try await cluster.wait(for: "all groups of step \(step)") {
                        try cluster.journalled(step) == cluster.settings.prompts
                    }
                    try await cluster.kill(learner)
                    // Later, and the step would have been reported.
                    isHit = try cluster.rootHashes()[step] == nil
                    if isHit { try cluster.tamperWithLogProbs(of: step) }
                    learner = try cluster.start("learner")
                }
                try #require(isHit, "no kill came between the last group of a step and its report")
                try await cluster.waitForSuccess(others + [learner])
                let discarded = try cluster.events("discarded", of: "worker-1")
                #expect(!discarded.isEmpty)
                #expect(
                    discarded.allSatisfy { $0.notes?["reason"]?.contains("the same build and model file") ?? false })
                return try Outcome(cluster)
            }
            #expect(try await outcome == CalmRun.shared.outcome())
        }
    }
}

extension ProcessCluster {
    /// Changes a recorded log-probability of every group by its last bit, as if its worker had computed another one.
    fileprivate func tamperWithLogProbs(of step: Int) throws {
        let step = GlobalStep(UInt64(step))
        let journal = try RolloutJournal(directory: self.layout.journal)
        let held = try journal.load(step).held
        let run = try #require(held.run)
        try FileManager.default.removeItem(atPath: self.layout.journal(of: step))
        for var received in held.groups {
            let recorded = received.group.rollouts[0].trace[.policyLogProb][0]
            received.group.rollouts[0].trace[.policyLogProb][0] = recorded.nextDown
            try journal.append(received, run: run)
        }
    }
}
