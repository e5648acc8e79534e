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
                let policy = try TrainedPolicy(context: context, engines: FakeEngines())
                policy.run = LearnerFiles.run
                let groups = try Self.groups(policy)
                let journal = try RolloutJournal(directory: context.directory.journal)
                for group in groups { try journal.append(group, run: LearnerFiles.run) }
                _ = try policy.train(policy.step, groups)
                return policy.publish().manifest
            }
            try files.withContext { context in
                let policy = try TrainedPolicy(context: context, engines: FakeEngines())
                let journal = try RolloutJournal(directory: context.directory.journal)
                var replay = try JournalReplay(
                    of: journal, on: policy, assembler: Self.assembler(policy, context))
                while try replay.advance(policy) {}
                let recovered = replay.finish(policy)
                #expect(recovered.step == GlobalStep(1) && recovered.run == LearnerFiles.run)
                #expect(recovered.manifest.rootHash == published.rootHash)
            }
        }
    }

    @Test func aCheckpointHoldsEverythingTheNextStepDependsOn() throws {
        try LearnerFiles.with { files in
            let (groups, expected) = try files.withContext { context in
                let policy = try TrainedPolicy(context: context, engines: FakeEngines())
                policy.run = LearnerFiles.run
                _ = try policy.train(policy.step, try Self.groups(policy))
                try policy.checkpoint()
                let groups = try Self.groups(policy)
                _ = try policy.train(policy.step, groups)
                return (groups, policy.publish().manifest.rootHash)
            }
            try files.withContext { context in
                let policy = try TrainedPolicy(context: context, engines: FakeEngines())
                #expect(policy.step == GlobalStep(1) && policy.checkpointedStep == GlobalStep(1))
                _ = try policy.train(policy.step, groups)
                #expect(policy.publish().manifest.rootHash == expected)
            }
        }
    }

    /// Where bits are not promised, a recorded log-probability that differs is rounding and no fault.
    @Test(arguments: [true, false]) func aDifferenceToWhatWasRecordedStopsABitExactEngineOnly(isBitExact: Bool) throws {
        try LearnerFiles.with { files in
            try files.withContext { context in
                let policy = try TrainedPolicy(context: context, engines: FakeEngines(isBitExact: isBitExact))
                var groups = try Self.groups(policy)
                let recorded = groups[0].rollouts[1].trace[.policyLogProb][0]
                groups[0].rollouts[1].trace[.policyLogProb][0] = recorded.nextDown
                if isBitExact {
                    #expect(throws: RefusedStep.self) { try policy.train(policy.step, groups) }
                } else {
                    _ = try policy.train(policy.step, groups)
                    #expect(policy.step == GlobalStep(1))
                }
            }
        }
    }

    /// The liar's group goes, whoever else's stay, and the weights are those of the groups that were trained.
    @Test func aStepIsTrainedOnceTheGroupsThatAreAtFaultAreReplaced() throws {
        try LearnerFiles.with { files in
            try files.withContext { context in
                let policy = try TrainedPolicy(context: context, engines: FakeEngines())
                let honest = try Self.groups(policy)
                var groups = honest
                groups[1].rollouts[0].trace[.policyLogProb][0] -= 1
                let refused = #expect(throws: RefusedStep.self) { try policy.train(policy.step, groups) }
                let named = try #require(refused).groups
                #expect(named.map(\.slot) == [1])
                #expect(named[0].reason.contains("the same build and model file"))
                #expect(policy.step == GlobalStep(0))
                _ = try policy.train(policy.step, honest)
                let calm = try TrainedPolicy(context: context, engines: FakeEngines())
                _ = try calm.train(calm.step, honest)
                #expect(policy.publish().manifest.rootHash == calm.publish().manifest.rootHash)
            }
        }
    }

    /// The learner died between the refusal and its record.
    @Test func aRefusedGroupInTheJournalIsThrownOutWhenItsStepIsTrainedAgain() throws {
        try LearnerFiles.with { files in
            try files.withContext { context in
                let policy = try TrainedPolicy(context: context, engines: FakeEngines())
                var groups = try Self.groups(policy)
                groups[0].rollouts[0].trace[.policyLogProb][0] -= 1
                let journal = try RolloutJournal(directory: context.directory.journal)
                for group in groups { try journal.append(group, run: LearnerFiles.run) }
                policy.run = LearnerFiles.run
                var replay = try JournalReplay(
                    of: journal, on: policy, assembler: Self.assembler(policy, context))
                while try replay.advance(policy) {}
                let recovered = replay.finish(policy)
                #expect(recovered.step == GlobalStep(0))
                #expect(
                    recovered.pending.map(\.rollouts) == [[groups[1]]]
                        && recovered.pending[0].discarded.map(\.slot) == [0])
                #expect(try [journal.load(GlobalStep(0)).held] == recovered.pending)
            }
        }
    }

    static func assembler(_ policy: TrainedPolicy, _ context: RoleContext) -> (GlobalStep) -> BatchAssembler {
        LearnerState.Settings(
            context.configuration, shape: policy.layout.shape, capabilities: policy.capabilities
        ).assembler
    }

    /// The groups of a step, sampled by the fake engine under a learner's policy; the first of each is right.
    static func groups(_ policy: TrainedPolicy) throws -> [RolloutGroup] {
        let published = policy.publish()
        let generator = FakeGenerationEngine(policy.layout.shape, lanes: 3)
        try published.bytes.withUnsafeBytes {
            try generator.install(
                PolicyImage(version: published.manifest.version, precision: .f32, bytes: $0), keeping: [])
        }
        for slot in 0..<2 as Range<UInt32> {
            try generator.submit(
                GenerationRequest(
                    id: GroupID(step: policy.step, slot: slot), promptTokens: [7, 8 + slot],
                    samples: (0..<2).map {
                        SampleSpecification(
                            key: SampleKey(seed: 3, purpose: .training, step: policy.step, problem: slot, sample: $0))
                    },
                    sampling: SamplingConfiguration(
                        schedule: .annealed(AnnealedSchedule(maximum: 1.5, minimum: 0.7)), maxTokens: 6),
                    step: policy.step, stopTokens: [0]),
                with: published.manifest.version)
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
