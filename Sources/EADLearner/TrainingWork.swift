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
        /// `collected` is when the last of the groups came; nil when all are of an earlier life.
        case train(GlobalStep, [RolloutGroup], collected: ContinuousClock.Instant?)
        /// Nobody serves the last version any more.
        case publish
        case checkpoint(GlobalStep)
        /// The controller named the run the weights belong to.
        case adopt(RunID)
    }

    private let policy: TrainedPolicy
    private let context: RoleContext
    /// The step whose weights are not published yet.
    private var unpublished: (step: GlobalStep, metrics: MetricValues)?
    private var times = StepTimes(publishedAt: .now)

    var progress: EngineProgress { self.policy.progress }
    var counters: TrainingCounters { self.policy.counters }
    var shape: ModelShape { self.policy.layout.shape }

    private init(policy: TrainedPolicy, context: RoleContext) {
        self.policy = policy
        self.context = context
    }

    /// Loads the weights and trains the journalled steps the checkpoint lacks; takes seconds, or minutes after a crash.
    static func start(
        _ context: RoleContext, _ engines: any EngineFactory
    ) throws -> (TrainingWork, Recovered) {
        let policy = try TrainedPolicy(context: context, engines: engines)
        let recovered: Recovered
        do {
            let journal = try RolloutJournal(directory: context.directory.journal)
            recovered = try policy.replay(journal, assembler: Self.assembler(policy, context))
        } catch let refused as RefusedStep {
            throw Self.keep(before: refused, policy, context)
        }
        return (TrainingWork(policy: policy, context: context), recovered)
    }

    private static func assembler(_ policy: TrainedPolicy, _ context: RoleContext) -> (GlobalStep) -> BatchAssembler {
        LearnerState<Peer>.Settings(
            context.configuration, shape: policy.layout.shape, capabilities: policy.capabilities
        ).assembler
    }

    private static func keep(
        before refused: RefusedStep, _ policy: TrainedPolicy, _ context: RoleContext
    ) -> RoleFailure {
        do {
            return policy.keep(
                before: refused, context: context, journal: try RolloutJournal(directory: context.directory.journal),
                assembler: Self.assembler(policy, context))
        } catch {
            return RoleFailure(error)
        }
    }

    /// - Throws: when a step is refused or a checkpoint fails.
    mutating func perform(_ command: Command, report: (LearnerEvent) -> Void) throws {
        switch command {
        case .train(let step, let groups, let collected):
            var metrics: MetricValues
            do { metrics = try self.policy.train(step, groups) } catch {
                if !error.groups.isEmpty { return report(.refused(step, error.groups)) }
                throw Self.keep(before: error, self.policy, self.context)
            }
            metrics.merge(self.times.collecting(groups, until: collected))
            self.unpublished = (step, metrics)
            report(.updated)
        case .publish: report(self.publish())
        case .checkpoint(let step):
            let start = ContinuousClock.now
            try self.policy.checkpoint()
            self.times.wroteCheckpoint(in: start.duration(to: .now))
            report(.checkpointed(step))
        case .adopt(let run):
            self.policy.run = run
        }
    }

    private mutating func publish() -> LearnerEvent {
        guard let (step, measured) = self.unpublished.take() else {
            preconditionFailure("a version is published after the step that made it")
        }
        let version = self.policy.publish()
        let metrics = measured.merging(version.metrics).merging(self.times.published(at: .now))
        let report = StepReport(
            step: step, version: version.manifest.version, rootHash: version.manifest.rootHash, metrics: metrics)
        return .published(report, version.manifest, version.bytes, version.delta)
    }
}
