import EADAlgorithms
import EADConfiguration
import EADCore
import EADEngine
import EADFiles
import EADMessages
import EADModels
import EADProtocol
import EADRuntime
import EADTransport
import Logging

/// The engine's own thread in the learner: trains a step, publishes the version after it, writes checkpoints.
actor TrainingLoop {
    enum Command: Sendable {
        case train(GlobalStep, [RolloutGroup])
        /// Nobody serves the last version any more.
        case publish
        case checkpoint(GlobalStep)
        /// The controller named the run the weights belong to.
        case adopt(RunID)
    }

    enum Event: Sendable {
        /// The weights are those after a step; the version before it is to be let go of.
        case updated
        case published(StepReport, PolicyManifest, SharedBytes)
        case checkpointed(GlobalStep)
    }

    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

    private let stage: TrainingStage
    private let context: RoleContext
    /// The step whose weights are not published yet.
    private var unpublished: (step: GlobalStep, metrics: [Metric])?
    /// When the version that the next step's groups are sampled with could be fetched.
    private var publishedAt = ContinuousClock.now
    private nonisolated let (commands, command) = AsyncStream.makeStream(of: Command.self)
    nonisolated let (events, report) = AsyncStream.makeStream(of: Event.self)

    nonisolated let progress: EngineProgress
    nonisolated let counters: TrainingCounters
    nonisolated let shape: ModelShape

    private init(stage: sending TrainingStage, context: RoleContext) {
        self.executor = ThreadExecutor(name: "engine")
        self.progress = stage.progress
        self.counters = stage.counters
        self.shape = stage.layout.shape
        self.stage = stage
        self.context = context
    }

    /// Loads the weights and trains the journalled steps the checkpoint lacks; takes seconds, or minutes after a crash.
    static func start(_ context: RoleContext) throws -> (TrainingLoop, Recovered) {
        let stage = try TrainingStage(context: context)
        let recovered: Recovered
        do {
            let journal = try RolloutJournal(directory: context.directory.journal)
            recovered = try stage.replay(journal, assembler: Self.assembler(stage, context))
        } catch let refused as RefusedStep {
            throw Self.keepPolicy(before: refused, stage, context)
        }
        return (TrainingLoop(stage: stage, context: context), recovered)
    }

    private static func assembler(_ stage: TrainingStage, _ context: RoleContext) -> (GlobalStep) -> BatchAssembler {
        LearnerState<Peer>.Settings(context.configuration, vocabulary: stage.layout.shape.vocabulary).assembler
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

    nonisolated func post(_ command: Command) { self.command.yield(command) }

    /// Runs until cancelled, or until a step is refused or a checkpoint fails.
    func run() async throws {
        for await command in self.commands {
            switch command {
            case .train(let step, let groups):
                let collected = ContinuousClock.now
                var metrics: [Metric]
                do { metrics = try self.stage.train(step, groups) } catch {
                    throw Self.keepPolicy(before: error, self.stage, self.context)
                }
                metrics += self.collecting(groups, until: collected)
                self.unpublished = (step, metrics)
                self.report.yield(.updated)
            case .publish: self.publish()
            case .checkpoint(let step):
                try self.stage.checkpoint()
                self.report.yield(.checkpointed(step))
            case .adopt(let run):
                self.stage.run = run
            }
        }
    }

    private func publish() {
        guard let (step, metrics) = self.unpublished.take() else {
            preconditionFailure("a version is published after the step that made it")
        }
        let (manifest, bytes) = self.stage.publish()
        let seconds = Metric(name: "step_seconds", value: self.publishedAt.duration(to: .now) / .seconds(1))
        self.publishedAt = .now
        let report = StepReport(
            step: step, version: manifest.version, rootHash: manifest.rootHash, metrics: metrics + [seconds])
        self.report.yield(.published(report, manifest, bytes))
    }

    /// How long a step waited for its rollouts, which includes fetching the policy, evaluation and checkpoints.
    private func collecting(_ groups: [RolloutGroup], until collected: ContinuousClock.Instant) -> [Metric] {
        let collecting = self.publishedAt.duration(to: collected) / .seconds(1)
        let tokens = groups.flatMap(\.rollouts).map(\.trace.count).reduce(0, +)
        return [
            Metric(name: "collecting_seconds", value: collecting),
            Metric(name: "generation_tokens_per_second", value: Double(tokens) / max(collecting, 1e-9)),
        ]
    }
}
