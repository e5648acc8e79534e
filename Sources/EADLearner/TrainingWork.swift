import EADConfiguration
import EADCore
import EADEngine
import EADFiles
import EADMessages
import EADProtocol
import EADRuntime
import EADTelemetry
import EADTransport
import Logging

/// What the learner's engine thread does: comes back to where the learner was, trains a step, publishes the version after it,
/// writes checkpoints.
struct TrainingWork: EngineWork {
    enum Command: Sendable {
        /// Load the weights and train the journalled steps before `end` again.
        case recover(until: GlobalStep)
        /// `collected` is when the last of the groups came; nil when all are of an earlier life.
        case train(GlobalStep, [RolloutGroup], collected: ContinuousClock.Instant?)
        /// Nobody serves the last version any more.
        case publish
        case checkpoint(GlobalStep)
        /// The controller named the run the weights belong to.
        case adopt(RunID)
    }

    private let context: RoleContext
    private let engines: any EngineFactory
    private let counters: TrainingCounters
    private let assembler: @Sendable (GlobalStep) -> BatchAssembler
    /// Nil before the weights are loaded.
    private var policy: TrainedPolicy?
    /// Steps that are trained again; nil before and after.
    private var replay: JournalReplay?
    /// The step whose weights are not published yet.
    private var unpublished: (step: GlobalStep, metrics: MetricValues)?
    private var times: StepTimes

    /// - Parameter assembler: Tells complete steps; the one that the learner's state collects groups in.
    init(
        _ context: RoleContext, _ engines: any EngineFactory, _ counters: TrainingCounters,
        assembler: @escaping @Sendable (GlobalStep) -> BatchAssembler
    ) {
        self.context = context
        self.engines = engines
        self.counters = counters
        self.assembler = assembler
        self.times = StepTimes(
            publishedAt: .now, isSynchronous: context.configuration.training.stalenessBound == 0)
    }

    /// - Throws: when the weights cannot be loaded, a step is refused or a checkpoint fails.
    mutating func perform(_ command: Command, report: (LearnerEvent) -> Void) throws {
        switch command {
        case .recover(let end):
            let policy = try TrainedPolicy(context: self.context, engines: self.engines, counters: self.counters)
            self.policy = policy
            self.replay = try JournalReplay(
                of: try RolloutJournal(self.context), on: policy, until: end,
                assembler: self.assembler)
            report(.recovering(at: policy.step))
        case .train(let step, let groups, let collected):
            let policy = self.loaded
            var metrics: MetricValues
            do { metrics = try policy.train(step, groups) } catch let refused as RefusedStep {
                if !refused.groups.isEmpty { return report(.refused(step, refused.groups)) }
                throw self.keep(before: refused, policy)
            }
            metrics.merge(self.times.collecting(groups, until: collected))
            self.unpublished = (step, metrics)
            report(.updated)
        case .publish: report(self.publish())
        case .checkpoint(let step):
            let start = ContinuousClock.now
            try self.loaded.checkpoint()
            self.times.wroteCheckpoint(in: start.duration(to: .now))
            report(.checkpointed(step))
        case .adopt(let run):
            self.loaded.run = run
        }
    }

    /// Trains one journalled step again, if any is left.
    mutating func advance(report: (LearnerEvent) -> Void) throws -> Bool {
        guard var replay = self.replay.take() else { return false }
        let policy = self.loaded
        let isTrained: Bool
        do { isTrained = try replay.advance(policy) } catch let refused as RefusedStep {
            throw self.keep(before: refused, policy)
        }
        guard isTrained else {
            let recovered = replay.finish(policy)
            policy.logger.info(
                "policy \(recovered.manifest.version) has the root hash \(recovered.manifest.rootHash.hexadecimal)")
            report(.recovered(recovered))
            _ = self.times.published(at: .now)
            return false
        }
        report(.recovering(at: replay.step))
        self.replay = replay
        return true
    }

    private var loaded: TrainedPolicy {
        guard let policy = self.policy else { preconditionFailure("a learner recovers before anything else") }
        return policy
    }

    private func keep(before refused: RefusedStep, _ policy: TrainedPolicy) -> RoleFailure {
        do {
            return policy.keep(
                before: refused, context: self.context,
                journal: try RolloutJournal(self.context), assembler: self.assembler)
        } catch {
            return RoleFailure(error)
        }
    }

    private mutating func publish() -> LearnerEvent {
        guard let (step, measured) = self.unpublished.take() else {
            preconditionFailure("a version is published after the step that made it")
        }
        let version = self.loaded.publish()
        let metrics = measured.merging(version.metrics).merging(self.times.published(at: .now))
        let report = StepReport(
            step: step, version: version.manifest.version, rootHash: version.manifest.rootHash, metrics: metrics)
        return .published(report, version.manifest, version.bytes, version.delta)
    }
}
