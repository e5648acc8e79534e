import EADAlgorithms
import EADConfiguration
import EADCore
import EADEngine
import EADMessages
import EADProtocol
import EADRuntime
import EADTransport
import Foundation
import Logging

/// What a learner finds when it starts.
struct Recovered: Sendable {
    /// The run the weights belong to; nil for the model file's.
    var run: RunID?
    var step: GlobalStep
    /// The step of the checkpoint it started from; nil without one.
    var checkpoint: GlobalStep?
    /// Groups of `step` that were acknowledged before.
    var pending: [RolloutGroup]
    var manifest: PolicyManifest
    var bytes: SharedBytes
    /// Of the last step trained again from the journal; nil without one.
    var report: StepReport?
}

/// The learner's engine with its checkpoints: what a step does to weights, moments and files.
///
/// Used by one thread at a time.
final class TrainingStage {
    let progress: EngineProgress
    let counters = TrainingCounters()
    /// The run the weights belong to; nil before the controller named it.
    var run: RunID?
    private(set) var checkpointedStep: GlobalStep?
    private(set) var step: GlobalStep
    private let trainer: Trainer
    private let store: CheckpointStore
    private let objective: PolicyObjective
    private let optimizer: OptimizerConfiguration
    private let precision: Precision
    let layout: ParameterLayout
    private let configurationHash: String
    private let isSynchronous: Bool
    private let logger: Logger

    /// Loads the newest intact checkpoint, or the model file when there is none.
    init(context: RoleContext) throws {
        let configuration = context.configuration
        let file = try ModelFile(path: configuration.model.path)
        let store = CheckpointStore(
            directory: context.directory.checkpoints.path, keep: configuration.checkpoint.keep)
        try store.prepare()
        let start = try StartingPoint(file: file, store: store, context: context)
        self.trainer = try Trainer(
            shape: file.shape,
            configuration: ComputeConfiguration(
                precision: configuration.model.precision, threads: configuration.learner.threads),
            parameters: start.parameters)
        if let checkpoint = start.checkpoint {
            try self.trainer.restore(
                parameters: start.parameters, firstMoments: start.firstMoments, secondMoments: start.secondMoments,
                updates: Int(checkpoint.state.updates))
        }
        self.store = store
        self.progress = self.trainer.progress
        self.layout = file.layout
        self.objective = PolicyObjective(configuration.algorithm)
        self.optimizer = OptimizerConfiguration(configuration.training)
        self.precision = configuration.model.precision
        self.configurationHash = context.configurationHash.hexadecimal
        self.isSynchronous = configuration.training.stalenessBound == 0
        self.logger = context.logger
        self.run = start.checkpoint?.state.run
        self.step = start.checkpoint?.state.step ?? GlobalStep(0)
        self.checkpointedStep = start.checkpoint?.state.step
    }

    /// Trains the complete steps of the journal that the checkpoint lacks, and returns what is left over.
    /// - Parameter assembler: Tells complete steps; the one that collected the groups in the first place.
    func replay(_ journal: RolloutJournal, assembler: (GlobalStep) -> BatchAssembler) throws -> Recovered {
        try journal.discard(before: self.step)
        var last: (step: GlobalStep, metrics: [Metric])?
        while true {
            let (groups, run, cut) = try journal.load(self.step)
            if let run, let own = self.run, run != own {
                throw RoleFailure(
                    .data, "the journal holds groups of run \(run), the checkpoint belongs to run \(own); move one away"
                )
            }
            self.run = self.run ?? run
            if cut > 0 { self.logger.warning("cut \(cut) damaged bytes off the journal of step \(self.step)") }
            var batch = assembler(self.step)
            for group in groups { _ = batch.receive(group: group) }
            guard batch.isComplete else {
                let (manifest, bytes) = self.publish()
                return Recovered(
                    run: self.run, step: self.step, checkpoint: self.checkpointedStep, pending: groups,
                    manifest: manifest, bytes: bytes,
                    report: last.map {
                        StepReport(
                            step: $0.step, version: manifest.version, rootHash: manifest.rootHash, metrics: $0.metrics)
                    })
            }
            self.logger.info("training step \(self.step) again from the journal")
            let step = self.step
            last = (step, try self.train(step, batch.take()) + batch.samplingMetrics)
        }
    }

    // MARK: A step

    /// One update of the policy on the groups of a step, which come in order of slot.
    /// - Throws: `EngineError` when a number is not finite (nothing is changed then), `RoleFailure` when sampling and
    ///   training disagree about a log-probability in synchronous mode.
    func train(_ step: GlobalStep, _ sampled: [RolloutGroup]) throws -> [Metric] {
        precondition(step == self.step, "steps are trained in order")
        let groups = sampled.compactMap(\.comparable)
        let unscored = sampled.flatMap(\.rollouts).count { !$0.isScored }
        let start = ContinuousClock.now
        let advantages = self.objective.advantages(for: groups.map { $0.rollouts.map(ScoredResponse.init) })
        // Nothing is divided by them in a step without a score.
        let totals = BatchTotals(
            tokens: max(1, groups.flatMap(\.rollouts).map(\.tokens.count).reduce(0, +)),
            sequences: max(1, groups.map(\.rollouts.count).reduce(0, +)))
        self.trainer.zeroGradients()
        var metrics = ObjectiveMetrics()
        // A group without an advantage has no gradient: its forward and backward passes would add zeros.
        let useful = groups.indices.filter { index in advantages[index].contains { $0 != 0 } }
        let inputs = useful.map { index in
            TrainingGroup(
                promptTokens: groups[index].promptTokens, responses: groups[index].rollouts.map(\.tokens))
        }
        for batch in self.trainer.microBatches(of: inputs) {
            let members = useful[batch].map { groups[$0] }
            try self.trainer.accumulate(Array(inputs[batch])) { logProbs in
                let tokens = Self.tokens(members, logProbs, useful[batch].map { advantages[$0] })
                let output = self.objective.evaluate(tokens, totals: totals)
                metrics.merge(output.metrics)
                return Self.nested(output.gradient, like: logProbs)
            }
            self.counters.tokens.add(members.map(\.trainedTokens).reduce(0, +))
        }
        if self.isSynchronous, metrics.logProbDifferenceMax > 0 {
            throw RoleFailure(
                .software,
                "step \(step): a log-probability recorded at sampling differs from the learner's by "
                    + "\(metrics.logProbDifferenceMax); learner and workers must run the same build and model file")
        }
        let summary = useful.isEmpty ? nil : try self.trainer.update(self.optimizer)
        self.step = step.next
        let seconds = start.duration(to: .now) / .seconds(1)
        return StepMetrics(groups: groups, useful: useful, objective: metrics, update: summary, seconds: seconds)
            .list + [Metric(name: "unscored_rollouts", value: Double(unscored))]
    }

    /// The current weights as a version to be fetched.
    func publish() -> (PolicyManifest, SharedBytes) {
        let bytes = SharedBytes(count: self.layout.count * self.precision.bytesPerParameter) {
            self.trainer.exportPolicy(into: $0)
        }
        let manifest = bytes.withUnsafeBytes {
            PolicyHashes.manifest(
                of: $0, version: PolicyVersion(self.step.rawValue), precision: self.precision)
        }
        return (manifest, bytes)
    }

    /// Makes the current weights and moments durable.
    func checkpoint() throws {
        guard let run = self.run else { preconditionFailure("a learner trains only after it joined a run") }
        let state = CheckpointState(
            step: self.step, updates: UInt64(self.trainer.updates), run: run,
            configurationHash: self.configurationHash, shape: self.layout.shape)
        try self.store.save(
            state, parameters: self.trainer.parameters, firstMoments: self.trainer.firstMoments,
            secondMoments: self.trainer.secondMoments)
        self.checkpointedStep = self.step
    }

    // MARK: Shapes

    private static func tokens(
        _ groups: [RolloutGroup], _ logProbs: [[[Float]]], _ advantages: [[Float]]
    ) -> TokenBatch {
        var tokens = TokenBatch()
        for (group, (current, scores)) in zip(groups, zip(logProbs, advantages)) {
            for (rollout, (logProbs, advantage)) in zip(group.rollouts, zip(current, scores)) {
                tokens.append(rollout, logProbs: logProbs, advantage: advantage)
            }
        }
        return tokens
    }

    private static func nested(_ flat: [Float], like shape: [[[Float]]]) -> [[[Float]]] {
        var next = 0
        return shape.map { group in
            group.map { response in
                defer { next += response.count }
                return Array(flat[next..<next + response.count])
            }
        }
    }
}

extension RolloutGroup {
    /// Tokens the trainer computes: the shared prompt once, and every response.
    var trainedTokens: Int { self.promptTokens.count + self.rollouts.map(\.tokens.count).reduce(0, +) }
}
