import EADConfiguration
import EADCore
import EADEngine
import EADFiles
import EADMessages
import EADModels
import EADProtocol
import EADRuntime
import EADTestKit
import Testing

@testable import EADLearner

/// What the engine thread does when a learner comes back.
struct TrainingWorkTests {
    private static func say(_ event: LearnerEvent) -> String {
        switch event {
        case .recovering(let step): "recovering at \(step)"
        case .recovered(let recovered):
            "recovered at \(recovered.step), checkpoint \(recovered.checkpoint ?? GlobalStep(99))"
        case .updated: "updated"
        case .refused(let step, _): "refused \(step)"
        case .published: "published"
        case .checkpointed(let step): "checkpointed \(step)"
        }
    }

    /// Trains three steps whose groups stay in the journal, perhaps with a checkpoint after the first; the hash of the last
    /// policy.
    private static func train(_ files: LearnerFiles, checkpoint: Bool = true) throws -> [UInt8] {
        try files.withContext { context in
            let policy = try TrainedPolicy(context: context, engines: FakeEngines())
            policy.run = LearnerFiles.run
            let journal = try RolloutJournal(directory: context.directory.journal)
            for step in 0..<3 {
                let groups = try FakeEngineTests.groups(policy)
                for group in groups { try journal.append(group, run: LearnerFiles.run) }
                _ = try policy.train(policy.step, groups)
                if step == 0, checkpoint { try policy.checkpoint() }
            }
            return policy.publish().manifest.rootHash
        }
    }

    private static func with(
        _ files: LearnerFiles, _ body: (inout TrainingWork, Prospect, RoleContext) throws -> Void
    ) throws {
        try files.withContext { context in
            let file = try ModelFile(path: context.configuration.model.path)
            let settings = LearnerWiring.State.Settings(
                context.configuration, shape: file.shape, capabilities: FakeEngines().capabilities)
            let journal = try RolloutJournal(directory: context.directory.journal)
            let prospect = try Prospect(context, file, journal, assembler: settings.assembler)
            var work = TrainingWork(context, FakeEngines(), TrainingCounters(), assembler: settings.assembler)
            try body(&work, prospect, context)
        }
    }

    @Test func theFilesSayWhereTheLearnerGoesOnBeforeAWeightIsLoaded() throws {
        try LearnerFiles.with { files in
            let hash = try Self.train(files)
            try Self.with(files) { work, prospect, _ in
                #expect(prospect.step == GlobalStep(3) && prospect.checkpoint == GlobalStep(1))
                #expect(prospect.run == LearnerFiles.run && prospect.pending.allSatisfy(\.groups.isEmpty))
                var events: [LearnerEvent] = []
                try work.perform(.recover(until: prospect.step)) { events.append($0) }
                while try work.advance(report: { events.append($0) }) {}
                #expect(
                    events.map(Self.say) == [
                        "recovering at 1", "recovering at 2", "recovering at 3", "recovered at 3, checkpoint 1",
                    ])
                guard case .recovered(let recovered) = events.last else { return }
                #expect(recovered.manifest.rootHash == hash && recovered.reports.map(\.step) == [GlobalStep(2)])
            }
        }
    }

    /// With a window several steps may be over that the controller has not heard of.
    @Test func everyStepTrainedAgainIsReportedWhereMoreThanOneMayBeUnheard() throws {
        try LearnerFiles.with { files in
            let hash = try Self.train(files)
            try files.withContext { context in
                let policy = try TrainedPolicy(context: context, engines: FakeEngines())
                let journal = try RolloutJournal(directory: context.directory.journal)
                let synchronous = FakeEngineTests.assembler(policy, context)
                var replay = try JournalReplay(of: journal, on: policy) { step in
                    let batch = synchronous(step)
                    return BatchAssembler(step: step, slots: batch.slots, samples: batch.samples, bound: 2)
                }
                while try replay.advance(policy) {}
                let reports = replay.finish(policy).reports
                #expect(reports.map(\.step.rawValue) == [1, 2] && reports.map(\.version.rawValue) == [2, 3])
                #expect(reports[0].rootHash != hash && reports[1].rootHash == hash)
            }
        }
    }

    /// What the learner takes meanwhile is in the file of the step it goes on with.
    @Test func theStepToGoOnWithIsNotLookedAt() throws {
        try LearnerFiles.with { files in
            _ = try Self.train(files)
            try Self.with(files) { work, prospect, context in
                let step = context.directory.journal(of: prospect.step)
                var file = try AppendFile(step, durability: .disk)
                let bytes: [UInt8] = [1, 2, 3]
                try file.append(bytes.span.bytes)
                var events: [LearnerEvent] = []
                try work.perform(.recover(until: prospect.step)) { events.append($0) }
                while try work.advance(report: { events.append($0) }) {}
                #expect(try FileContents.read(step) == [1, 2, 3])
            }
        }
    }

    @Test(arguments: [true, false]) func aLearnerToldToLeaveReadsAndTrainsNoFurther(hasCheckpoint: Bool) async throws {
        try await Task {
            try LearnerFiles.with { files in
                _ = try Self.train(files, checkpoint: hasCheckpoint)
                try Self.with(files) { work, prospect, _ in
                    withUnsafeCurrentTask { $0?.cancel() }
                    var events: [String] = []
                    do {
                        try work.perform(.recover(until: prospect.step)) { events.append(Self.say($0)) }
                        _ = try work.advance { events.append(Self.say($0)) }
                        Issue.record("it went on")
                    } catch let error as CheckpointError {
                        #expect(hasCheckpoint && error.code == .cancelled && events.isEmpty)
                    } catch {
                        #expect(!hasCheckpoint && error is CancellationError && events == ["recovering at 0"])
                    }
                }
            }
        }.value
    }
}
