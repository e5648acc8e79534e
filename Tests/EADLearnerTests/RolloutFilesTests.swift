import EADCore
import EADFiles
import EADMessages
import EADRuntime
import EADTelemetry
import EADTestKit
import Foundation
import Testing

@testable import EADLearner

/// Training rollouts on disk, for people.
struct RolloutFilesTests {
    private func records(_ path: String) throws -> [RolloutRecord] {
        try Data(contentsOf: URL(filePath: path)).split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(RolloutRecord.self, from: $0)
        }
    }

    @Test func theFirstProblemsOfChosenStepsAreWrittenAndTheNewestKept() throws {
        try LearnerFiles.with { files in
            let settings = ["log.rollouts={every: 2, problems: 1, keep: 2}"]
            let (groups, written) = try files.withContext(settings) { context in
                let policy = try TrainedPolicy(context: context, engines: FakeEngines())
                var last: [RolloutGroup] = []
                for _ in 0..<7 {
                    let groups = try FakeEngineTests.groups(policy)
                    if policy.step == GlobalStep(4) { last = groups }
                    _ = try policy.train(policy.step, groups)
                }
                return (last, policy.publish().manifest.rootHash)
            }
            let layout = RunLayout(files.directory + "/run")
            let steps = try FileTree.names(in: layout.rollouts).compactMap { RunLayout.rolloutStep($0)?.rawValue }
            #expect(steps.sorted() == [4, 6])
            let records = try self.records(layout.rollouts(of: GlobalStep(4)))
            #expect(records.map(\.sample) == [0, 1] && records.allSatisfy { $0.slot == 0 && $0.step == 4 })
            for (record, rollout) in zip(records, groups[0].rollouts) {
                #expect(record.temperatures == rollout.trace[.temperature])
                #expect(record.tokens.count == rollout.trace.count && record.response == record.tokens.joined())
                #expect(record.reward == rollout.verdict?.reward && record.prediction == rollout.verdict?.prediction)
                #expect(record.problem == groups[0].problem && !record.prompt.isEmpty)
            }
            // It changes nothing that is computed.
            try LearnerFiles.with { others in
                try others.withContext { context in
                    let policy = try TrainedPolicy(context: context, engines: FakeEngines())
                    for _ in 0..<7 { _ = try policy.train(policy.step, try FakeEngineTests.groups(policy)) }
                    #expect(policy.publish().manifest.rootHash == written)
                    #expect(!FileTree.exists(context.directory.rollouts), "off by default")
                }
            }
        }
    }

    @Test func aStepIsTrainedWhereTheyCannotBeWritten() throws {
        try LearnerFiles.with { files in
            try files.withContext(["log.rollouts.every=1"]) { context in
                // A file where the directory has to be.
                try Data().write(to: URL(filePath: context.directory.rollouts))
                let policy = try TrainedPolicy(context: context, engines: FakeEngines())
                _ = try policy.train(policy.step, try FakeEngineTests.groups(policy))
                #expect(policy.step == GlobalStep(1))
            }
        }
    }
}
