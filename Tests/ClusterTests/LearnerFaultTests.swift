import EADCore
import EADFiles
import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    /// What the learner loses by dying is computed again from its checkpoint and its journal, with the same result.
    @Suite struct LearnerFaultTests {
        @Test func aLearnerKilledWhileCollectingGoesOnFromCheckpointAndJournal() async throws {
            var settings = ProcessClusterFile()
            settings.checkpointEvery = 2
            // One group at a time, so that there is a while between the first of a step and the last.
            settings.lanes = settings.samples
            let outcome = try await ProcessCluster.with(settings) { cluster in
                var nodes = try ["controller", "worker-1"].map { try cluster.start($0) }
                var learner = try cluster.start("learner")
                // A step's last group may come before the kill; then it is tried again one checkpoint later.
                var hit: Int?
                for step in [3, 5] where hit == nil {
                    try await cluster.wait(for: "a group of step \(step)") { try cluster.journalled(step) > 0 }
                    try await cluster.kill(learner)
                    if try cluster.journalled(step) < settings.prompts {
                        hit = step
                        #expect(try cluster.rootHashes()[step] == nil)
                        // As if it had died in the middle of writing another one.
                        try cluster.append([200, 1, 0, 0] + Array(repeating: 7, count: 96), toJournalOf: step)
                    }
                    learner = try cluster.start("learner")
                }
                nodes.append(learner)
                let step = try #require(hit, "no kill came between the first and the last group of a step")
                try await cluster.waitForSuccess(nodes)
                let log = cluster.log(of: "learner")
                #expect(log.contains("restored") && log.contains("training step \(step - 1) again from the journal"))
                #expect(log.contains("cut 100 damaged bytes off the journal of step \(step)"))
                return try Outcome(cluster)
            }
            #expect(try await outcome == CalmRun.shared.outcome())
        }

        @Test func aLearnerKilledWhileTrainingTrainsTheStepAgain() async throws {
            let outcome = try await ProcessCluster.with { cluster in
                let others = try ["controller", "worker-1"].map { try cluster.start($0) }
                var learner = try cluster.start("learner")
                var hits = 0
                for step in 0..<cluster.settings.steps - 1 {
                    try await cluster.wait(for: "all groups of step \(step)") {
                        try cluster.journalled(step) == cluster.settings.prompts
                    }
                    try await cluster.kill(learner)
                    // Later, and the step would have been reported.
                    if try cluster.rootHashes()[step] == nil { hits += 1 }
                    learner = try cluster.start("learner")
                }
                #expect(hits > 0, "no kill came between the last group of a step and its report")
                try await cluster.waitForSuccess(others + [learner])
                #expect(cluster.log(of: "learner").contains("training step 0 again from the journal"))
                return try Outcome(cluster)
            }
            #expect(try await outcome == CalmRun.shared.outcome())
        }

        @Test func aLearnerAskedToLeaveMakesACheckpointAndTrainsNothingTwice() async throws {
            let outcome = try await ProcessCluster.with { cluster in
                var nodes = try ["controller", "worker-1"].map { try cluster.start($0) }
                let learner = try cluster.start("learner")
                try await cluster.wait(for: "step 1") { try cluster.rootHashes()[1] != nil }
                learner.signal(SIGTERM)
                #expect(try await cluster.ending(of: learner) == .exited(0))
                #expect(try cluster.events("left", of: "learner").count == 1)
                nodes.append(try cluster.start("learner"))
                try await cluster.waitForSuccess(nodes)
                let log = cluster.log(of: "learner")
                #expect(log.contains("restored") && !log.contains("again from the journal"))
                return try Outcome(cluster)
            }
            #expect(try await outcome == CalmRun.shared.outcome())
        }

        @Test func aLearnerThatLostItsDiskRepeatsTheStepsWithTheSameResult() async throws {
            let outcome = try await ProcessCluster.with { cluster in
                var nodes = try ["controller", "worker-1"].map { try cluster.start($0) }
                let learner = try cluster.start("learner")
                try await cluster.wait(for: "step 1") { try cluster.rootHashes()[1] != nil }
                try await cluster.kill(learner)
                try FileManager.default.removeItem(atPath: cluster.layout.journal)
                nodes.append(try cluster.start("learner"))
                try await cluster.waitForSuccess(nodes)
                let rewound = try cluster.events("rewound")
                #expect(rewound.count == 1 && rewound[0]["to"] == 0)
                #expect(try cluster.records().filter { $0.kind == "step" && $0.step == 0 }.count == 2)
                return try Outcome(cluster)
            }
            #expect(try await outcome == CalmRun.shared.outcome())
        }

        @Test func nodesThatNeverMetTheirControllerLeaveWhenAsked() async throws {
            try await ProcessCluster.with { cluster in
                for node in ["learner", "worker-1"] {
                    let child = try cluster.start(node)
                    try await cluster.wait(for: "\(node) to say whom it waits for") {
                        cluster.log(of: node).contains("waiting for the controller at")
                    }
                    child.signal(SIGTERM)
                    #expect(try await cluster.ending(of: child) == .exited(0))
                }
            }
        }
    }
}

extension ProcessCluster {
    /// Kills a process with SIGKILL and makes sure that this is how it ended.
    func kill(_ child: ProcessClusterChild) async throws {
        child.signal(SIGKILL)
        #expect(try await self.ending(of: child) == .killed(signal: SIGKILL))
    }

    /// How many whole groups of a step the learner's journal holds.
    func journalled(_ step: Int) throws -> Int {
        // Without an accepted group there is no file.
        guard let data = try? Data(contentsOf: self.journal(step)) else { return 0 }
        // A record: length of the body, 8 bytes of its hash, body.
        var (offset, count) = (0, 0)
        while offset + 12 <= data.count {
            let length = (0..<4).reduce(0) { $0 | Int(data[offset + $1]) << (8 * $1) }
            offset += 12 + length
            if offset <= data.count { count += 1 }
        }
        return count
    }

    func append(_ bytes: [UInt8], toJournalOf step: Int) throws {
        let file = try FileHandle(forWritingTo: self.journal(step))
        try file.seekToEnd()
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }

    private func journal(_ step: Int) -> URL {
        URL(filePath: self.layout.journal(of: GlobalStep(UInt64(step))))
    }
}
