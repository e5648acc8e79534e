import EADAlgorithms
import EADConfiguration
import EADCore
import EADEngine
import EADFiles
import EADMessages
import EADModels
import EADProtocol
import EADRuntime
import EADTelemetry
import EADTransport
import Logging

/// What the learner's engine thread does: trains a step, publishes the version after it, writes checkpoints.
struct TrainingWork: EngineWork {
    enum Command: Sendable {
        case train(GlobalStep, [RolloutGroup])
        /// Nobody serves the last version any more.
        case publish
        case checkpoint(GlobalStep)
        /// The controller named the run the weights belong to.
        case adopt(RunID)
    }

    private let stage: TrainingStage
    private let context: RoleContext
    /// The step whose weights are not published yet.
    private var unpublished: (step: GlobalStep, metrics: MetricValues)?
    /// When the version that the next step's groups are sampled with could be fetched.
    private var publishedAt = ContinuousClock.now

    var progress: EngineProgress { self.stage.progress }
    var counters: TrainingCounters { self.stage.counters }
    var shape: ModelShape { self.stage.layout.shape }

    private init(stage: TrainingStage, context: RoleContext) {
        self.stage = stage
        self.context = context
    }

    /// Loads the weights and trains the journalled steps the checkpoint lacks; takes seconds, or minutes after a crash.
    static func start(
        _ context: RoleContext, _ engines: any EngineFactory
    ) throws -> (TrainingWork, Recovered) {
        let stage = try TrainingStage(context: context, engines: engines)
        let recovered: Recovered
        do {
            let journal = try RolloutJournal(directory: context.directory.journal)
            recovered = try stage.replay(journal, assembler: Self.assembler(stage, context))
        } catch let refused as RefusedStep {
            throw Self.keepPolicy(before: refused, stage, context)
        }
        return (TrainingWork(stage: stage, context: context), recovered)
    }

    private static func assembler(_ stage: TrainingStage, _ context: RoleContext) -> (GlobalStep) -> BatchAssembler {
        LearnerState<Peer>.Settings(
            context.configuration, shape: stage.layout.shape, capabilities: stage.capabilities
        ).assembler
    }

    private static func keepPolicy(
        before refused: RefusedStep, _ stage: TrainingStage, _ context: RoleContext
    ) -> RoleFailure {
        do {
            return stage.keepPolicy(
                before: refused, context: context, journal: try RolloutJournal(directory: context.directory.journal),
                assembler: Self.assembler(stage, context))
        } catch {
            return RoleFailure(error)
        }
    }

    /// - Throws: when a step is refused or a checkpoint fails.
    mutating func perform(_ command: Command, report: (LearnerEvent) -> Void) throws {
        switch command {
        case .train(let step, let groups):
            let collected = ContinuousClock.now
            var metrics: MetricValues
            do { metrics = try self.stage.train(step, groups) } catch {
                throw Self.keepPolicy(before: error, self.stage, self.context)
            }
            self.addCollecting(groups, until: collected, to: &metrics)
            self.unpublished = (step, metrics)
            report(.updated)
        case .publish: report(self.publish())
        case .checkpoint(let step):
            try self.stage.checkpoint()
            report(.checkpointed(step))
        case .adopt(let run):
            self.stage.run = run
        }
    }

    private mutating func publish() -> LearnerEvent {
        guard let (step, measured) = self.unpublished.take() else {
            preconditionFailure("a version is published after the step that made it")
        }
        let (manifest, bytes) = self.stage.publish()
        var metrics = measured
        metrics[\.stepSeconds] = self.publishedAt.duration(to: .now) / .seconds(1)
        self.publishedAt = .now
        let report = StepReport(
            step: step, version: manifest.version, rootHash: manifest.rootHash, metrics: metrics)
        return .published(report, manifest, bytes)
    }

    /// How long a step waited for its rollouts, which includes fetching the policy, evaluation and checkpoints.
    private func addCollecting(
        _ groups: [RolloutGroup], until collected: ContinuousClock.Instant, to metrics: inout MetricValues
    ) {
        let collecting = self.publishedAt.duration(to: collected) / .seconds(1)
        let tokens = groups.flatMap(\.rollouts).map(\.trace.count).reduce(0, +)
        metrics[\.collectingSeconds] = collecting
        metrics[\.generationTokensPerSecond] = Double(tokens) / max(collecting, 1e-9)
    }
}
