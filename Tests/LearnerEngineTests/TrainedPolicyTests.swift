import ArgumentParser
import EADAlgorithms
import EADConfiguration
import EADCore
import EADEngine
import EADFiles
import EADMessages
import EADModels
import EADProtocol
import EADRuntime
import EADSampling
import EADTestKit
import EADTransformer
import EADTransport
import Foundation
import Testing

@testable import EADLearner

/// Whole steps of a learner with a tiny model, on rollouts that the engine sampled.
@Suite struct TrainedPolicyTests {
    // MARK: Updates

    @Test func twoMiniBatchesAreTwoUpdatesInARow() throws {
        try Learner.with { learner in
            let policy = try learner.policy("training: {mini_batches: 2}")
            let groups = try learner.groups(policy)
            let metrics = try learner.train(policy, groups)

            let trainer = try learner.trainer()
            let objective = PolicyObjective(AlgorithmConfiguration())
            let advantages = objective.advantages(for: groups.map { $0.rollouts.compactMap(ScoredResponse.init) })
            var norms: [Double] = []
            for half in [0..<2, 2..<4] {
                var batch = TokenBatch(groups[half])
                batch.advantages = advantages[half].flatMap { $0 }
                trainer.zeroGradients()
                try trainer.accumulate(batch) { logProbs, _ in
                    let output = objective.evaluate(
                        batch, TokenMeasurements(logProbs: logProbs), totals: BatchTotals(of: batch))
                    return TokenCoefficients(logProbs: output.gradient)
                }
                norms.append(try trainer.update(learner.optimizer).gradientNorm)
            }
            #expect(learner.weights(policy) == trainer.download(.parameters).map(\.bitPattern))
            #expect(metrics["gradient_norm"] == (norms[0] + norms[1]) / 2)
            #expect(metrics["logprob_diff_max"] == 0)
            #expect(try #require(metrics["ratio_max"]) > 1)

            let single = try learner.policy("training: {mini_batches: 1}")
            _ = try learner.train(single, groups)
            #expect(learner.weights(single) != learner.weights(policy))
        }
    }

    @Test func theRateOfAStepIsTheSchedules() throws {
        try Learner.with { learner in
            let scheduled = "training: {schedule: linear, warmup_steps: 2, decay_steps: 4}"
            let policy = try learner.policy(scheduled)
            let groups = try learner.groups(policy)
            let metrics = try learner.train(policy, groups)
            #expect(metrics["learning_rate"] == 0.005)

            let constant = try learner.policy()
            #expect(try learner.train(constant, groups)["learning_rate"] == 0.01)
            // AdamW's first step is as long as the rate, whatever the gradient is.
            let start = try learner.trainer().download(.parameters)
            func distance(_ policy: TrainedPolicy) -> Float {
                zip(learner.weights(policy), start).map { abs(Float(bitPattern: $0) - $1) }.max() ?? 0
            }
            #expect(abs(distance(policy) / distance(constant) - 0.5) < 1e-3)

            for rate in [0.01, 0.01, 0.005] {
                let metrics = try learner.train(policy, try learner.groups(policy))
                #expect(metrics["learning_rate"] == rate, "step \(policy.step)")
            }
        }
    }

    /// What was recorded must be what the learner computes, until the step's own updates change the weights.
    @Test func recordedLogProbsAreCheckedBeforeTheFirstUpdateOnly() throws {
        try Learner.with { learner in
            let groups = try learner.groups(try learner.policy())
            var early = groups
            early[0].rollouts[0].trace[.policyLogProb][0] += 0.5
            var late = groups
            late[3].rollouts[0].trace[.policyLogProb][0] += 0.5
            func train(_ settings: String, _ groups: [RolloutGroup]) throws {
                _ = try learner.train(try learner.policy(settings), groups)
            }
            #expect(throws: RefusedStep.self) { try train("training: {mini_batches: 2}", early) }
            #expect(throws: RefusedStep.self) { try train("", late) }
            try train("training: {mini_batches: 2}", late)
        }
    }

    @Test func aLogProbThatDiffersByItsLastBitIsRefusedUnlessToldOtherwise() throws {
        try Learner.with { learner in
            var groups = try learner.groups(try learner.policy())
            let recorded = groups[1].rollouts[2].trace[.policyLogProb][3]
            groups[1].rollouts[2].trace[.policyLogProb][3] = recorded.nextUp
            let refused = #expect(throws: RefusedStep.self) { try learner.train(try learner.policy(), groups) }
            let groupsAtFault = try #require(refused).groups
            #expect(groupsAtFault.map(\.slot) == [1])
            #expect(groupsAtFault[0].reason.contains("recorded at sampling differs"))
            let told = try learner.policy("training: {logprob_mismatch: warn}")
            let metrics = try learner.train(told, groups)
            #expect(metrics["logprob_diff_max"] == Double(recorded.nextUp - recorded))
            #expect(told.step == GlobalStep(1))
        }
    }

    // MARK: Older groups

    private static let asynchronous = "staleness_bound: 2"
    private static let corrected = "correction: token-truncated"

    @Test(arguments: [1, 2], ["grpo", "kl-cov", "clip-cov"])
    func groupsOfTheStepsOwnVersionAreTrainedAsInASynchronousRun(miniBatches: Int, preset: String) throws {
        try Learner.with { learner in
            let algorithm = "algorithm: {preset: \(preset), covariance_ratio: 0.4, \(Self.corrected)}"
            let calm = try learner.policy("training: {mini_batches: \(miniBatches)}\n\(algorithm)")
            let free = try learner.policy(
                "training: {mini_batches: \(miniBatches), \(Self.asynchronous)}\n\(algorithm)")
            for _ in 0..<2 {
                let groups = try learner.groups(calm)
                let expected = try learner.train(calm, groups)
                var metrics = try learner.train(free, groups)
                for figure in ["training_seconds", "training_tokens_per_second"] as [MetricKey] {
                    metrics[figure] = expected[figure]
                }
                #expect(metrics == expected)
                #expect(learner.weights(free) == learner.weights(calm))
            }
        }
    }

    /// Ratios refer to the weights before the step, and weights of tokens to these and the law that they were drawn from.
    @Test func olderGroupsAreTrainedByDecoupledPPO() throws {
        try Learner.with { learner in
            let settings = "training: {mini_batches: 2, \(Self.asynchronous)}\nalgorithm: {\(Self.corrected)}"
            let policy = try learner.policy(settings)
            let first = try learner.groups(policy)
            let old = try learner.groups(policy).map { group in
                var group = group
                group.id = GroupID(step: GlobalStep(1), slot: group.id.slot)
                return group
            }
            _ = try learner.train(policy, first)
            let metrics = try learner.train(policy, old)
            #expect(metrics["logprob_diff_max"] == nil && metrics["loss"] != nil)

            let trainer = try learner.trainer()
            var configuration = AlgorithmConfiguration()
            configuration.correction = .tokenTruncated
            let objective = PolicyObjective(configuration)
            for groups in [first, old] {
                let advantages = objective.advantages(for: groups.map { $0.rollouts.compactMap(ScoredResponse.init) })
                let batches = try [0..<2, 2..<4].map { half in
                    var batch = TokenBatch(groups[half])
                    batch.advantages = advantages[half].flatMap { $0 }
                    batch.proximalLogProbs = try trainer.logProbs(batch)
                    #expect((batch.proximalLogProbs == batch.trace[.policyLogProb]) == (groups == first))
                    return batch
                }
                for batch in batches {
                    trainer.zeroGradients()
                    try trainer.accumulate(batch) { logProbs, _ in
                        let output = objective.evaluate(
                            batch, TokenMeasurements(logProbs: logProbs), totals: BatchTotals(of: batch))
                        return TokenCoefficients(logProbs: output.gradient)
                    }
                    _ = try trainer.update(learner.optimizer)
                }
            }
            #expect(learner.weights(policy) == trainer.download(.parameters).map(\.bitPattern))
        }
    }

    // MARK: Refusal

    /// The second mini-batch has a reward beyond all measure: its gradient is not finite, after the first update is done.
    @Test func aRefusedStepLeavesThePolicyBeforeItInACheckpoint() throws {
        try Learner.with { learner in
            let settings = "training: {mini_batches: 2}\nalgorithm: {advantage: dr-grpo}"
            let calm = try learner.policy(settings)
            let first = try learner.groups(calm)
            _ = try learner.train(calm, first)
            let before = learner.weights(calm)
            let second = try learner.groups(calm)
            var sick = second
            sick[3].rollouts[0].verdict?.reward = 3e38

            func received(_ group: RolloutGroup) -> ReceivedGroup { ReceivedGroup(group, from: NodeID("worker")) }
            func refuse(_ policy: TrainedPolicy, _ refused: RefusedStep, _ context: RoleContext) throws {
                #expect(refused.step == GlobalStep(1) && refused.cause.message.contains("gradients of update 4"))
                let journal = try RolloutJournal(directory: context.directory.journal)
                let failure = policy.keep(
                    before: refused, context: context, journal: journal, assembler: Learner.assembler(policy, context))
                #expect(failure.code == .data)
                #expect(failure.message.contains("step 1 is refused: "))
                #expect(failure.message.contains("is kept in \(context.directory.checkpoints)/step-000001"))
            }
            try learner.withContext(settings, run: "kept") { context in
                let policy = try TrainedPolicy(context: context, engines: TransformerEngines())
                policy.run = Learner.run
                let journal = try RolloutJournal(directory: context.directory.journal)
                for group in first { try journal.append(received(group), run: Learner.run) }
                _ = try learner.train(policy, first)
                #expect(learner.weights(policy) == before)
                for group in sick { try journal.append(received(group), run: Learner.run) }
                let refused = #expect(throws: RefusedStep.self) { try learner.train(policy, sick) }
                try refuse(policy, try #require(refused), context)
            }
            // The same groups come to the same end, which changes nothing.
            try learner.withContext(settings, run: "kept") { context in
                let policy = try TrainedPolicy(context: context, engines: TransformerEngines())
                #expect(policy.step == GlobalStep(1) && learner.weights(policy) == before)
                let journal = try RolloutJournal(directory: context.directory.journal)
                let refused = #expect(throws: RefusedStep.self) {
                    var replay = try JournalReplay(
                        of: journal, on: policy,
                        assembler: Learner.assembler(policy, context, rewards: 0...Float.greatestFiniteMagnitude))
                    while try replay.advance(policy) {}
                }
                try refuse(policy, try #require(refused), context)
            }
            // Moments and updates are those of an undisturbed learner, too.
            let resumed = try learner.policy(settings, run: "kept")
            #expect(learner.weights(resumed) == before)
            _ = try learner.train(resumed, second)
            _ = try learner.train(calm, second)
            #expect(learner.weights(resumed) == learner.weights(calm))
        }
    }

    // MARK: Parts

    @Test func tokensOfHighCovarianceAreTreatedApartAndAlikeInEveryRun() throws {
        try Learner.with { learner in
            let groups = try learner.groups(try learner.policy())
            func trained(_ settings: String) throws -> [UInt32] {
                let policy = try learner.policy(settings)
                _ = try learner.train(policy, groups)
                return learner.weights(policy)
            }
            let clip = "preset: clip-cov, covariance_low: -100, covariance_high: 100, covariance_ratio: 0.5"
            let first = try trained("algorithm: {\(clip)}")
            #expect(first == (try trained("algorithm: {\(clip)}")))
            #expect(first != (try trained("algorithm: {\(clip)}\nrun: {seed: 9}")))
            #expect(first != (try trained("algorithm: {preset: grpo}")))
            // Held tokens differ from the others only once the policy has moved.
            let once = try trained("algorithm: {preset: kl-cov, covariance_penalty: 0}")
            #expect(once == (try trained("algorithm: {preset: kl-cov, covariance_ratio: 0.5}")))
            let twice = try trained("algorithm: {preset: kl-cov, covariance_penalty: 0}\ntraining: {mini_batches: 2}")
            #expect(
                twice
                    != (try trained("algorithm: {preset: kl-cov, covariance_ratio: 0.5}\ntraining: {mini_batches: 2}")))
        }
    }

    @Test func aBonusRaisesTheEntropyOfGroupsWithoutAnAdvantage() throws {
        try Learner.with { learner in
            let policy = try learner.policy("algorithm: {entropy_coefficient: 0.5}")
            var groups = try learner.groups(policy)
            for group in groups.indices {
                for index in groups[group].rollouts.indices { groups[group].rollouts[index].verdict?.reward = 1 }
            }
            let metrics = try learner.train(policy, groups)
            #expect(metrics["groups_with_advantage"] == 0 && metrics["groups_solved"] == 1)
            let before = try #require(metrics["entropy"])
            #expect(abs(try learner.entropy(groups, try learner.trainer()) - before) < 1e-5)
            #expect(try learner.entropy(groups, try learner.trainer(policy)) > before + 1e-3)
        }
    }

    /// At the starting weights the divergence has neither value nor slope; afterwards it holds the policy back.
    @Test func aKLTermActsOnceThePolicyHasMoved() throws {
        try Learner.with { learner in
            let free = try learner.policy()
            let held = try learner.policy("algorithm: {kl_coefficient: 5}")
            let none = try learner.policy("algorithm: {kl_coefficient: 0, kl_estimator: k2}")
            let groups = try learner.groups(free)
            #expect(try learner.train(free, groups)["kl_to_reference"] == nil)
            #expect(try learner.train(held, groups)["kl_to_reference"] == 0)
            _ = try learner.train(none, groups)
            #expect(learner.weights(held) == learner.weights(free))
            #expect(learner.weights(none) == learner.weights(free))
            let next = try learner.groups(free)
            _ = try learner.train(free, next)
            let metrics = try learner.train(held, next)
            _ = try learner.train(none, next)
            #expect(try #require(metrics["kl_to_reference"]) > 0)
            #expect(learner.weights(held) != learner.weights(free))
            #expect(learner.weights(none) == learner.weights(free))
        }
    }

    @Test func aResumedLearnerHoldsToTheSameReference() throws {
        try Learner.with { learner in
            let settings = "algorithm: {kl_coefficient: 1, entropy_coefficient: 0.01}\ntraining: {mini_batches: 2}"
            let policy = try learner.policy(settings, run: "kept")
            policy.run = RunID(bytes: [UInt8](repeating: 7, count: 16))
            _ = try learner.train(policy, try learner.groups(policy))
            try policy.checkpoint()
            let groups = try learner.groups(policy)
            let resumed = try learner.policy(settings, run: "kept")
            #expect(resumed.step == GlobalStep(1))
            let metrics = try learner.train(policy, groups)
            let again = try learner.train(resumed, groups)
            #expect(learner.weights(resumed) == learner.weights(policy))
            #expect(try #require(metrics["kl_to_reference"]) > 0)
            #expect(again["kl_to_reference"] == metrics["kl_to_reference"])

            try TinyModel.write(to: learner.model, seed: 2)
            let error = #expect(throws: RoleFailure.self) { _ = try learner.policy(settings, run: "kept") }
            #expect("\(try #require(error))".contains("with a KL term to other weights"))
        }
    }

    @Test func comingCloseToTheLimitCostsAdvantageButNotReward() throws {
        try Learner.with { learner in
            let policy = try learner.policy("algorithm: {overlong_buffer: 11}")
            var groups = try learner.groups(policy)
            for group in groups.indices {
                for index in groups[group].rollouts.indices { groups[group].rollouts[index].verdict?.reward = 1 }
            }
            let differing = groups.count { Set($0.rollouts.map(\.trace.count)).count > 1 }
            let metrics = try learner.train(policy, groups)
            #expect(differing > 0 && metrics["groups_with_advantage"] == Double(differing))
            #expect(metrics["reward"] == 1 && metrics["reward_std"] == 0)
        }
    }
}

/// A learner of four groups of four per step with a tiny model, in a directory of its own.
private struct Learner {
    let directory: URL
    let optimizer = OptimizerConfiguration(learningRate: 0.01, weightDecay: 0)
    var model: String { self.directory.appending(path: "tiny.gguf").path }

    static func with(_ body: (Learner) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "ead-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }  // Nothing depends on its removal.
        let learner = Learner(directory: directory)
        try TinyModel.write(to: learner.model)
        try body(learner)
    }

    static let run = RunID(bytes: [UInt8](repeating: 7, count: 16))!

    /// What tells a learner that a step is complete.
    /// - Parameter rewards: Those that are taken.
    static func assembler(
        _ policy: TrainedPolicy, _ context: RoleContext, rewards: ClosedRange<Float> = Verdict.rewards
    ) -> (GlobalStep) -> BatchAssembler {
        var settings = LearnerState.Settings(
            context.configuration, shape: policy.layout.shape, capabilities: policy.capabilities)
        settings.terms.rewards = rewards
        return settings.assembler
    }

    func policy(_ settings: String = "", run: String = UUID().uuidString) throws -> TrainedPolicy {
        try self.withContext(settings, run: run) { try TrainedPolicy(context: $0, engines: TransformerEngines()) }
    }

    /// A learner's surroundings, with settings on top of the usual ones: sections in flow style, one a line; `run` names
    /// its directory, which is locked meanwhile.
    func withContext<Value>(_ settings: String, run: String, _ body: (RoleContext) throws -> Value) throws -> Value {
        var sections = [
            "run": "name: test, steps: 9",
            "training": "prompts_per_step: 4, samples_per_prompt: 4, learning_rate: 0.01",
        ]
        for line in settings.split(separator: "\n") {
            let name = String(line.prefix { $0 != ":" })
            let entries = String(line.dropFirst(name.count + 3).dropLast())
            sections[name] = [sections[name], entries].compactMap { $0 }.joined(separator: ", ")
        }
        let text =
            sections.map { "\($0.key): {\($0.value)}\n" }.joined() + """
                model: {path: tiny.gguf, precision: f32}
                task: {kind: add2, held_out: 0}
                evaluation: {before: false, after: false}
                sampling: {max_tokens: 12, schedule: {kind: ead, tau_max: 1.5, tau_min: 0.7}}
                nodes:
                  controller: {endpoint: "tcp://127.0.0.1:7001"}
                  learner: {endpoint: "tcp://127.0.0.1:7002"}
                  workers: [{name: w1}]
                """
        let file = self.directory.appending(path: "cluster.yaml")
        try text.write(to: file, atomically: true, encoding: .utf8)
        let directory = self.directory.appending(path: run).path
        let options = try RoleOptions.parse(
            ["--cluster", file.path, "--run-dir", directory, "--log-level", "error"])
        return try body(try RoleContext(.learner, options: options))
    }

    /// Rollouts of a learner's policy, rewarded by chance such that every group has an advantage.
    func groups(_ policy: TrainedPolicy) throws -> [RolloutGroup] {
        let published = policy.publish()
        let generator = try Generator(
            shape: policy.layout.shape, configuration: ComputeConfiguration(precision: .f32, threads: 1), lanes: 16,
            tokenBytes: { _ in [] })
        generator.install(
            try published.bytes.withUnsafeBytes {
                try PolicyWeights(
                    shape: policy.layout.shape, precision: .f32, parameters: $0, version: published.manifest.version)
            })
        for slot in 0..<4 as Range<UInt32> {
            try generator.submit(
                GenerationRequest(
                    id: GroupID(step: policy.step, slot: slot), promptTokens: [7, 8, 9 + slot],
                    samples: (0..<4).map {
                        SampleSpecification(
                            key: SampleKey(seed: 3, purpose: .training, step: policy.step, problem: slot, sample: $0))
                    },
                    sampling: SamplingConfiguration(
                        schedule: .annealed(AnnealedSchedule(maximum: 1.5, minimum: 0.7)), maxTokens: 12),
                    step: policy.step, stopTokens: Set(20..<40)))
        }
        var generated: [GeneratedGroup] = []
        while !generator.isIdle { generated += try generator.step() }
        return generated.sorted { $0.id < $1.id }.map { group in
            RolloutGroup(
                id: group.id, attempt: 1, policyVersion: published.manifest.version, problem: group.id.slot,
                promptTokens: [7, 8, 9 + group.id.slot],
                rollouts: group.samples.enumerated().map { index, sample in
                    let reward: Float = index <= Int(group.id.slot) % 3 ? 1 : 0
                    return Rollout(
                        trace: sample.trace, finish: sample.finish,
                        verdict: Verdict(reward: reward, strictReward: reward))
                })
        }
    }

    func train(_ policy: TrainedPolicy, _ groups: [RolloutGroup]) throws -> MetricValues {
        try policy.train(policy.step, groups)
    }

    /// The published weights, which in f32 are the trained ones.
    func weights(_ policy: TrainedPolicy) -> [UInt32] {
        policy.publish().bytes.withUnsafeBytes { Array($0.bindMemory(to: UInt32.self)) }
    }

    /// A trainer with the weights of a policy, or of the model file.
    func trainer(_ policy: TrainedPolicy? = nil) throws -> Trainer {
        let parameters = policy.map { self.weights($0).map(Float.init(bitPattern:)) } ?? TinyModel().parameters
        return try parameters.withUnsafeBufferPointer {
            try Trainer(
                shape: TinyModel().shape, configuration: ComputeConfiguration(precision: .f32, threads: 1),
                parameters: $0)
        }
    }

    /// The mean entropy of a trainer's policy over the groups' tokens.
    func entropy(_ groups: [RolloutGroup], _ trainer: Trainer) throws -> Double {
        var values: [Float] = []
        try trainer.accumulate(TokenBatch(groups), withEntropies: true) { logProbs, entropies in
            values = entropies
            return TokenCoefficients(logProbs: logProbs.map { _ in 0 })
        }
        return values.reduce(0) { $0 + Double($1) } / Double(values.count)
    }
}
