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
import EADTelemetry
import Foundation
import Logging

/// The policy that the learner trains, in its engine and in checkpoints: what a step does to weights, moments and files.
///
/// Used by one thread at a time.
final class TrainedPolicy {
    var layout: ParameterLayout { self.trainer.layout }
    private let counters: TrainingCounters
    /// The run the weights belong to; nil before the controller named it.
    var run: RunID?
    private(set) var checkpointedStep: GlobalStep?
    private(set) var step: GlobalStep
    /// The last version that was offered.
    private var published: PolicyManifest?
    private var publication = PolicyPublication()
    private let trainer: any TrainingEngine
    private let store: CheckpointStore
    private let plan: StepPlan
    /// The policy that a KL term holds the trained one to; nil without the term.
    private let reference: ReferencePolicy?
    /// Its learning rate is the schedule's.
    private let optimizer: OptimizerConfiguration
    private let learningRate: LearningRateSchedule
    /// What makes a checkpoint a directory that transformers loads.
    private let companions: [CompanionFile]
    let capabilities: EngineCapabilities
    /// Nil where nobody wants to read them.
    private let rollouts: RolloutFiles?
    private let configurationHash: String
    private let mismatch: TrainingConfiguration.Mismatch
    let logger: Logger

    /// Loads the newest intact checkpoint, or the model file when there is none.
    convenience init(
        context: RoleContext, engines: any EngineFactory, counters: TrainingCounters = TrainingCounters()
    ) throws {
        let file = try ModelFile(path: context.configuration.model.path)
        let store = CheckpointStore(context)
        try store.prepare()
        try self.init(
            context.configuration, file: file,
            start: try StartingPoint(file: file, store: store, context: context), store: store, engines: engines,
            counters: counters,
            rollouts: try RolloutFiles(
                context.configuration, file: file, layout: context.directory, logger: context.logger),
            logger: context.logger)
    }

    /// - Parameter store: Where checkpoints go; it is not touched before the first.
    init(
        _ configuration: ClusterConfiguration, file: ModelFile, start: borrowing StartingPoint, store: CheckpointStore,
        engines: any EngineFactory, counters: TrainingCounters = TrainingCounters(), rollouts: RolloutFiles? = nil,
        logger: Logger
    ) throws {
        self.trainer = try engines.training(
            file.shape,
            ComputeConfiguration(
                precision: configuration.model.precision, threads: configuration.learner.threads,
                rowLimit: configuration.training.microBatchRows, logitRows: configuration.learner.logitRows),
            parameters: start.parameters)
        self.counters = counters
        counters.follow(self.trainer.progress)
        if start.checkpoint != nil { try self.trainer.restore(start.state) }
        self.capabilities = engines.capabilities
        self.store = store
        self.rollouts = rollouts
        self.plan = StepPlan(
            objective: PolicyObjective(configuration.algorithm), miniBatches: configuration.training.miniBatches,
            maxTokens: configuration.sampling.maxTokens, seed: configuration.run.seed,
            isDecoupled: configuration.training.stalenessBound > 0)
        if configuration.algorithm.needs.contains(.referenceLogProbs) {
            let reference = try ReferencePolicy(file: file, keptBy: self.trainer)
            try reference.check(start.checkpoint)
            self.reference = reference
        } else {
            self.reference = nil
        }
        self.optimizer = OptimizerConfiguration(configuration.training)
        self.learningRate = configuration.training.learningRateSchedule
        do throws(ModelFileError) {
            self.companions = try file.companions(.f32)
        } catch {
            logger.warning("checkpoints hold weights only, without config.json and tokenizer: \(error)")
            self.companions = []
        }
        self.configurationHash = configuration.lastingHash.hexadecimal
        self.mismatch = configuration.training.logprobMismatch
        self.logger = logger
        self.run = start.checkpoint?.state.run
        self.step = start.checkpoint?.state.step ?? GlobalStep(0)
        self.checkpointedStep = start.checkpoint?.state.step
    }

    // MARK: A step

    /// The updates of the policy on the groups of a step, which come in order of slot.
    /// - Throws: `RefusedStep` when a number is not finite: the weights may then be between two updates; and when groups
    ///   cannot have been sampled with these weights, in synchronous mode. `CancellationError` when the process leaves.
    func train(_ step: GlobalStep, _ sampled: [RolloutGroup]) throws -> MetricValues {
        do { return try self.update(step, sampled) } catch let cancelled as CancellationError {
            throw cancelled
        } catch let refused as RefusedGroups {
            throw RefusedStep(
                step: step, groups: refused.groups, cause: RoleFailure(.software, refused.description))
        } catch {
            throw RefusedStep(step: step, cause: RoleFailure(error))
        }
    }

    private func update(_ step: GlobalStep, _ sampled: [RolloutGroup]) throws -> MetricValues {
        precondition(step == self.step, "steps are trained in order")
        // Before the weights change: a step that is trained again writes its file again.
        self.rollouts?.write(step, sampled)
        let groups = sampled.compactMap { $0.scored(atLeast: 2) }
        let unscored = sampled.flatMap(\.rollouts).count { $0.verdict == nil }
        let start = ContinuousClock.now
        let batches = try self.plan.miniBatches(of: groups, step: step, logProbs: self.logProbs)
        let rate = self.learningRate.rate(at: step.rawValue)
        var optimizer = self.optimizer
        optimizer.learningRate = Float(rate)
        var updates = StepUpdates(hasReference: self.reference != nil)
        for batch in batches {
            // Before the first update of a step the weights are those that its fresh groups were sampled with.
            let (objective, difference) = try self.accumulate(batch, isFirst: updates.norms.isEmpty)
            if let difference { self.tellOfDifference(difference, step: step) }
            let norm = batch.useful.groups.isEmpty ? nil : try self.trainer.update(optimizer).gradientNorm
            updates.add(objective, norm: norm, recordedDifference: difference)
        }
        self.step = step.next
        let seconds = start.duration(to: .now) / .seconds(1)
        var values = StepMetrics(groups: groups, batches: batches, updates: updates, seconds: seconds).values
        values[\.unscoredRollouts] = Double(unscored)
        if !updates.norms.isEmpty { values[\.learningRate] = rate }
        return values
    }

    /// log pi of a batch's tokens under the weights as they are.
    private func logProbs(_ batch: TokenBatch) throws -> [Float] {
        try self.trainer.microBatches(of: batch).flatMap { range in
            try Task.checkCancellation()
            let part = batch.taking(range)
            defer { self.counters.tokens.add(part.computedTokens) }
            return try self.trainer.currentLogProbs(part)
        }
    }

    /// The gradient of a mini-batch's loss, in the trainer, what was measured on the way, and the largest difference to what
    /// fresh groups recorded.
    /// - Parameter isFirst: Whether the weights are those before the step.
    /// - Throws: `RefusedGroups`, when all of them were looked at.
    private func accumulate(
        _ batch: MiniBatch, isFirst: Bool
    ) throws -> (metrics: ObjectiveMetrics, recordedDifference: Double?) {
        self.trainer.zeroGradients()
        var metrics = ObjectiveMetrics()
        var difference: Double?
        var refused: [RefusedGroup] = []
        let needsEntropies = self.plan.objective.configuration.needs.contains(.entropies)
        for range in self.trainer.microBatches(of: batch.useful) {
            try Task.checkCancellation()
            var part = batch.useful.taking(range)
            let reference = self.reference == nil ? [] : try self.trainer.referenceLogProbs(part)
            do {
                try self.trainer.accumulate(part, withEntropies: needsEntropies) { logProbs, entropies in
                    if isFirst {
                        let found = Self.differences(part, logProbs, origins: batch.origins[range])
                        difference = found.map(\.difference).reduce(difference, { max($0 ?? 0, $1) })
                        try self.check(found)
                    }
                    if self.plan.isDecoupled, part.proximalLogProbs.isEmpty { part.proximalLogProbs = logProbs }
                    let measured = TokenMeasurements(
                        logProbs: logProbs, entropies: entropies, referenceLogProbs: reference)
                    let output = self.plan.objective.evaluate(part, measured, totals: batch.totals)
                    metrics.merge(output.metrics)
                    return TokenCoefficients(logProbs: output.gradient, entropies: output.entropyGradient)
                }
            } catch let found as RefusedGroups {
                refused += found.groups
            }
            self.counters.tokens.add(part.computedTokens)
        }
        guard refused.isEmpty else { throw RefusedGroups(groups: refused) }
        return (metrics, difference)
    }

    /// The largest difference to what each fresh group recorded; other weights recorded what the rest have.
    private static func differences(
        _ batch: TokenBatch, _ logProbs: [Float], origins: ArraySlice<MiniBatch.Origin>
    ) -> [(slot: UInt32, difference: Double)] {
        let recorded = batch.trace[.policyLogProb]
        return zip(origins, batch.groups.indices).filter(\.0.isFresh).map { origin, group in
            let difference = batch.tokens(of: group).reduce(0.0) {
                max($0, abs(Double(logProbs[$1]) - Double(recorded[$1])))
            }
            return (origin.slot, difference)
        }
    }

    /// An engine that promises equal bits computes what was recorded; where another differs, it has rounded.
    /// - Throws: `RefusedGroups` for those that other weights, or another build, recorded.
    private func check(_ differences: [(slot: UInt32, difference: Double)]) throws(RefusedGroups) {
        guard self.capabilities.isBitExact, self.mismatch == .stop else { return }
        let refused = differences.filter { $0.difference > 0 }.map { slot, difference in
            RefusedGroup(
                slot: slot,
                reason:
                    "a log-probability recorded at sampling differs from the learner's by \(Float(difference)); learner and "
                    + "workers must run the same build and model file (training.logprob_mismatch: warn trains on what comes)"
            )
        }
        guard refused.isEmpty else { throw RefusedGroups(groups: refused) }
    }

    private func tellOfDifference(_ difference: Double, step: GlobalStep) {
        guard self.capabilities.isBitExact, difference > 0 else { return }
        self.logger.warning(
            """
            step \(step): a log-probability recorded at sampling differs from the learner's by \(difference); learner \
            and workers must run the same build and model file
            """)
    }

    /// The current weights as a version to be fetched, in the memory of the last one if nobody has that any more.
    func publish() -> PolicyPublication.Version {
        let version = self.publication.write(self.trainer, as: self.step.startVersion)
        self.published = version.manifest
        return version
    }

    /// Makes the current weights and moments durable.
    func checkpoint() throws {
        guard let run = self.run else { preconditionFailure("a learner trains only after it joined a run") }
        let state = CheckpointState(
            step: self.step, updates: UInt64(self.trainer.updates), run: run,
            configurationHash: self.configurationHash, shape: self.layout.shape, notes: self.reference?.notes ?? [:])
        do throws(CheckpointError) {
            let saved = self.trainer.saved
            try self.store.save(
                state, parameters: saved.parameters, firstMoments: saved.firstMoments,
                secondMoments: saved.secondMoments, companions: self.companions)
        } catch {
            // The disk is at fault, not what is on it.
            throw RoleFailure(error.code == .damaged ? .data : .io, error.description)
        }
        self.checkpointedStep = self.step
    }

    // MARK: Refusal

    /// Makes the policy before a refused step durable and says what happened; nobody can train on with this value.
    ///
    /// The weights in memory may be between two updates: the policy comes from the newest checkpoint and the journal, and
    /// must be the one that was published, byte for byte.
    func keep(
        before refused: RefusedStep, context: RoleContext, journal: RolloutJournal,
        assembler: @escaping (GlobalStep) -> BatchAssembler
    ) -> RoleFailure {
        let what = "step \(refused.step) is refused: \(refused.cause.message)"
        let code = refused.cause.code
        do {
            let promised = self.published
            let file = try ModelFile(path: context.configuration.model.path)
            let start = try StartingPoint(file: file, store: self.store, context: context)
            try self.trainer.restore(start.state)
            self.step = start.checkpoint?.state.step ?? GlobalStep(0)
            self.checkpointedStep = start.checkpoint?.state.step
            var replay = try JournalReplay(of: journal, on: self, until: refused.step, assembler: assembler)
            while try replay.advance(self) {}
            let kept = replay.finish(self)
            if let promised, promised.rootHash != kept.manifest.rootHash {
                throw RoleFailure(.software, "checkpoint and journal give other weights than were published")
            }
            if self.checkpointedStep != self.step { try self.checkpoint() }
        } catch {
            return RoleFailure(
                code, "\(what). The policy before it could not be made a checkpoint: \(RoleFailure(error).message)")
        }
        let place = self.store.path(of: self.step)
        return RoleFailure(
            code,
            "\(what). The policy before it is kept in \(place). Started again, the learner repeats the step, with the same "
                + "end unless this machine was at fault; a run with other settings needs another directory")
    }
}

extension TokenBatch {
    /// Tokens the trainer computes: the shared prompts once, and every response.
    var computedTokens: Int { self.promptTokens.count + self.count }
}
