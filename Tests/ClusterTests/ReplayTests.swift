import EADCore
import EADFiles
import EADLearner
import EADProtocol
import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    /// What a run left suffices to compute it again, and shows whatever was changed since.
    @Suite struct ReplayTests {
        @Test(arguments: [0, 1])
        func aRunWhoseProcessesWereKilledIsReplayedToTheSameBytes(stalenessBound: Int) async throws {
            var settings = ProcessClusterFile()
            settings.stalenessBound = stalenessBound
            settings.schedule = ["schedule: cosine", "warmup_steps: 1"]
            settings.steps = 4
            settings.maxTokens = 300
            settings.checkpointEvery = 2
            settings.journalKeep = "all"
            try await ProcessCluster.with(settings) { cluster in
                let controller = try cluster.start("controller")
                var learner = try cluster.start("learner")
                try await cluster.killWorkerWithLeases("worker-2")
                let worker = try cluster.start("worker-1")
                try await cluster.wait(for: "a group of step 2") { try cluster.journalled(2) > 0 }
                try await cluster.kill(learner)
                learner = try cluster.start("learner")
                try await cluster.waitForSuccess([controller, learner, worker])

                let hashes = try cluster.rootHashes()
                let whole = try await cluster.replay()
                #expect(whole.status == 0, "\(whole.text)")
                for step in 0..<4 {
                    #expect(whole.text.contains("step \(step): 4 groups of "), "\(whole.text)")
                    // A learner that was killed reports the last of the steps that it trains again.
                    guard let hash = hashes[step] else { continue }
                    #expect(whole.text.contains("sampled as recorded, weights \(hash) as reported"), "\(whole.text)")
                }
                #expect(hashes[3] != nil)
                #expect(whole.text.contains("4 steps trained again, 16 groups of "))
                let part = try await cluster.replay("--steps", "3..3", "--train-only")
                // The kill may have come before that checkpoint was written.
                let hasCheckpoint = FileTree.exists(cluster.layout.checkpoint(of: GlobalStep(2)).path)
                #expect(part.status == 0, "\(part.text)")
                #expect(part.text.contains("from the checkpoint of step 2") == hasCheckpoint, "\(part.text)")
                #expect(part.text.contains("\(hasCheckpoint ? 2 : 4) steps trained again, no difference"))
                print("bound \(stalenessBound), replayed to \(hashes[3] ?? "nothing")")

                try await cluster.expectDifference("token 3: ") { $0.rollouts[1].trace.tokens[3] ^= 1 }
                try await cluster.expectDifference("token 2, behaviourLogProb: ") {
                    $0.rollouts[5].trace[.behaviourLogProb][2] = $0.rollouts[5].trace[.behaviourLogProb][2].nextDown
                }
                try await cluster.expectDifference("group 2 of step 1") {
                    $0.policyVersion = $0.policyVersion == PolicyVersion(0) ? PolicyVersion(1) : PolicyVersion(0)
                }
                // Nobody says again what a response is worth, but the weights come of it.
                try await cluster.expectDifference("weights after step ", "--train-only") {
                    $0.rollouts[1].verdict?.reward += 0.25
                }
                try await cluster.expectDifference("weights after step ") {
                    $0.rollouts[0].verdict?.reward += 0.5
                }
            }
        }

        @Test func aRunWhoseGroupsWentOnWithNewerPoliciesIsReplayedToTheSameBytes() async throws {
            var settings = ProcessClusterFile()
            settings.stalenessBound = 2
            settings.schedule = ["weight_swap: keep"]
            settings.steps = 6
            settings.checkpointEvery = 3
            settings.journalKeep = "all"
            try await ProcessCluster.with(settings) { cluster in
                var controller = try cluster.start("controller")
                var learner = try cluster.start("learner")
                try await cluster.killWorkerWithLeases("worker-2")
                let workers = try ["worker-1", "worker-2"].map { try cluster.start($0) }
                try await cluster.wait(for: "a group of step 2") { try cluster.journalled(2) > 0 }
                try await cluster.kill(learner)
                learner = try cluster.start("learner")
                try await cluster.wait(for: "step 4") { try cluster.rootHashes()[4] != nil }
                try await cluster.kill(controller)
                controller = try cluster.start("controller")
                try await cluster.waitForSuccess([controller, learner] + workers)

                let groups = try (0..<6 as Range<UInt64>).flatMap {
                    try RolloutJournal.recorded(GlobalStep($0), in: cluster.layout.journal).groups.map(\.group)
                }
                let mixed = groups.flatMap { group in
                    group.rollouts.indices.filter { group.rollouts[$0].runs.runs.count > 1 }.map { (group, $0) }
                }
                let (group, rollout) = try #require(mixed.first, "no response went on with another policy")
                print("\(mixed.count) of \(groups.count * settings.samples) responses are of several policies")
                let steps = try cluster.records().filter { $0.kind == "step" }
                #expect(steps.contains { $0["mixed_share"] ?? 0 > 0 })
                #expect(steps.allSatisfy { (0...2).contains($0["staleness_token_mean"] ?? 3) })

                let hash = try #require(try cluster.rootHashes()[5])
                let whole = try await cluster.replay()
                #expect(whole.status == 0, "\(whole.text)")
                #expect(whole.text.contains("weights \(hash) as reported"), "\(whole.text)")
                #expect(whole.text.contains("6 steps trained again, 24 groups of "))
                print("replayed to \(hash)")

                // A token more of the first policy is a token that the second did not draw.
                let tokens = group.rollouts[rollout].runs.runs[0].tokens
                let (longer, shorter) =
                    group.rollouts[rollout].runs.runs[1].tokens > 1 ? (0, 1) : tokens > 1 ? (1, 0) : (0, 0)
                try #require(longer != shorter)
                let place = longer == 0 ? tokens : tokens - 1
                let difference = "\(group.id), version \(group.policyVersion), rollout \(rollout), token \(place)"
                try await cluster.expectDifference(difference, in: group.id) {
                    $0.rollouts[rollout].runs.runs[longer].tokens += 1
                    $0.rollouts[rollout].runs.runs[shorter].tokens -= 1
                }
            }
        }

        @Test func aRunThatKeptNothingCannotBeReplayed() async throws {
            var settings = ProcessClusterFile(oneWorker: true)
            settings.steps = 2
            settings.maxTokens = 40
            settings.checkpointEvery = 1
            try await ProcessCluster.with(settings) { cluster in
                try await cluster.waitForSuccess(["controller", "learner", "worker-1"].map { try cluster.start($0) })
                let replay = try await cluster.replay()
                #expect(replay.status == 65 && replay.text.contains("journal.keep"), "\(replay.text)")
            }
        }
    }
}

extension ProcessCluster {
    fileprivate func replay(_ options: String...) async throws -> ProcessClusterOutput {
        try await self.control(["replay", self.run.path] + options)
    }

    /// A replay ends with the difference that a change to the record of a group makes, which is then undone.
    fileprivate func expectDifference(
        _ text: String, in id: GroupID = GroupID(step: GlobalStep(1), slot: 2), _ options: String...,
        change: (inout RolloutGroup) -> Void
    ) async throws {
        let file = self.layout.journal(of: id.step)
        let original = try Data(contentsOf: URL(filePath: file))
        let held = try RolloutJournal.recorded(id.step, in: self.layout.journal)
        let run = try #require(held.run)
        try FileManager.default.removeItem(atPath: file)
        let journal = try RolloutJournal(directory: self.layout.journal)
        for var received in held.groups {
            if received.group.id == id { change(&received.group) }
            try journal.append(received, run: run)
        }
        let replay = try await self.control(["replay", self.run.path] + options)
        #expect(replay.status == 1 && replay.text.contains("difference: "), "\(replay.text)")
        #expect(replay.text.contains(text), "\(replay.text)")
        try original.write(to: URL(filePath: file))
    }
}
