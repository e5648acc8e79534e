import EADAlgorithms
import EADCore
import EADEngine
import EADFiles
import EADMessages
import EADModels
import EADProtocol
import EADRuntime
import EADSampling
import EADTestKit
import EADTransport
import Foundation
import Testing

@testable import EADLearner

/// What a learner does around its engine, over one that computes nothing.
struct FakeEngineTests {
    @Test func aStepTrainedFromTheJournalGivesTheSameWeights() throws {
        try LearnerFiles.with { files in
            let published = try files.withContext { context in
                let stage = try TrainingStage(context: context, engines: FakeEngines())
                stage.run = LearnerFiles.run
                let groups = try Self.groups(stage)
                let journal = try RolloutJournal(directory: context.directory.journal)
                for group in groups { try journal.append(group, run: LearnerFiles.run) }
                _ = try stage.train(stage.step, groups)
                return stage.publish().0
            }
            try files.withContext { context in
                let stage = try TrainingStage(context: context, engines: FakeEngines())
                let journal = try RolloutJournal(directory: context.directory.journal)
                let recovered = try stage.replay(journal, assembler: Self.assembler(stage, context))
                #expect(recovered.step == GlobalStep(1) && recovered.run == LearnerFiles.run)
                #expect(recovered.manifest.rootHash == published.rootHash)
            }
        }
    }

    @Test func aCheckpointHoldsEverythingTheNextStepDependsOn() throws {
        try LearnerFiles.with { files in
            let (groups, expected) = try files.withContext { context in
                let stage = try TrainingStage(context: context, engines: FakeEngines())
                stage.run = LearnerFiles.run
                _ = try stage.train(stage.step, try Self.groups(stage))
                try stage.checkpoint()
                let groups = try Self.groups(stage)
                _ = try stage.train(stage.step, groups)
                return (groups, stage.publish().0.rootHash)
            }
            try files.withContext { context in
                let stage = try TrainingStage(context: context, engines: FakeEngines())
                #expect(stage.step == GlobalStep(1) && stage.checkpointedStep == GlobalStep(1))
                _ = try stage.train(stage.step, groups)
                #expect(stage.publish().0.rootHash == expected)
            }
        }
    }

    /// Where bits are not promised, a recorded log-probability that differs is rounding and no fault.
    @Test(arguments: [true, false]) func aDifferenceToWhatWasRecordedStopsABitExactEngineOnly(isBitExact: Bool) throws {
        try LearnerFiles.with { files in
            try files.withContext { context in
                let stage = try TrainingStage(context: context, engines: FakeEngines(isBitExact: isBitExact))
                var groups = try Self.groups(stage)
                let recorded = groups[0].rollouts[1].trace[.policyLogProb][0]
                groups[0].rollouts[1].trace[.policyLogProb][0] = recorded.nextDown
                if isBitExact {
                    #expect(throws: RefusedStep.self) { try stage.train(stage.step, groups) }
                } else {
                    _ = try stage.train(stage.step, groups)
                    #expect(stage.step == GlobalStep(1))
                }
            }
        }
    }

    static func assembler(_ stage: TrainingStage, _ context: RoleContext) -> (GlobalStep) -> BatchAssembler {
        LearnerState<Int>.Settings(
            context.configuration, shape: stage.layout.shape, capabilities: stage.capabilities
        ).assembler
    }

    /// The groups of a step, sampled by the fake engine under the policy of the stage; the first of each is right.
    static func groups(_ stage: TrainingStage) throws -> [RolloutGroup] {
        let (manifest, bytes) = stage.publish()
        let generator = FakeGenerationEngine(stage.layout.shape, lanes: 3)
        try bytes.withUnsafeBytes {
            try generator.install(PolicyImage(version: manifest.version, precision: .f32, bytes: $0))
        }
        for slot in 0..<2 as Range<UInt32> {
            try generator.submit(
                GenerationRequest(
                    id: GroupID(step: stage.step, slot: slot), promptTokens: [7, 8 + slot],
                    samples: (0..<2).map {
                        SampleSpecification(
                            key: SampleKey(seed: 3, purpose: .training, step: stage.step, problem: slot, sample: $0))
                    },
                    sampling: SamplingConfiguration(
                        schedule: .annealed(AnnealedSchedule(maximum: 1.5, minimum: 0.7)), maxTokens: 6),
                    step: stage.step, stopTokens: [0]))
        }
        var generated: [GeneratedGroup] = []
        while !generator.isIdle { generated += try generator.step() }
        return generated.sorted { $0.id < $1.id }.map { group in
            RolloutGroup(
                id: group.id, attempt: 1, policyVersion: group.version, problem: group.id.slot,
                promptTokens: [7, 8 + group.id.slot],
                rollouts: group.samples.enumerated().map { index, sample in
                    Rollout(
                        trace: sample.trace, finish: sample.finish,
                        verdict: Verdict(reward: index == 0 ? 1 : 0, strictReward: 0))
                })
        }
    }
}
