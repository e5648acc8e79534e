import EADAlgorithms
import EADConfiguration
import EADCore
package import EADEngine
import EADFiles
import EADMessages
import EADModels
package import EADProtocol
package import EADRuntime
import EADSampling
import Logging
import Synchronization

/// What the learner's state is wired to: the journal, and the engine that trains.
package struct LearnerWiring: RoleWiring {
    package typealias State = LearnerState

    package static let sockets = RoleSockets(listens: true, connectsToController: true)

    package let events: AsyncStream<LearnerEvent>
    private let engine: EngineThread<TrainingWork.Command, LearnerEvent>
    private let journal: RolloutJournal
    private let counters: TrainingCounters
    private let arrivals = Arrivals()

    /// When a group of each step was made durable last.
    private final class Arrivals: Sendable {
        let times = Mutex<[GlobalStep: ContinuousClock.Instant]>([:])
    }

    private init(
        work: sending TrainingWork, counters: TrainingCounters, journal: RolloutJournal,
        events: AsyncStream<LearnerEvent>, report: AsyncStream<LearnerEvent>.Continuation
    ) {
        self.counters = counters
        self.engine = EngineThread(name: "engine", work) { report.yield($0) }
        self.journal = journal
        self.events = events
    }

    /// A learner that goes on where checkpoint and journal say that it was; its engine comes there while it runs.
    /// - Throws: `RoleFailure` when they are of another run, or another learner uses the run directory.
    package static func shell(
        _ context: RoleContext, engines: any EngineFactory
    ) throws -> RoleShell<LearnerWiring> {
        let file = try ModelFile(path: context.configuration.model.path)
        let settings = State.Settings(
            context.configuration, shape: file.shape, capabilities: engines.capabilities)
        let journal = try RolloutJournal(context)
        let prospect = try Prospect(context, file, journal, assembler: settings.assembler)
        let contents = [SharedContent("vocabulary", try Tokenizer(file).forEachDefiningPart)]
        var state = State(
            settings: settings, member: context.member(run: prospect.run, contents: contents, now: .now),
            step: prospect.step, checkpoint: prospect.checkpoint)
        for step in state.restore(prospect.pending) {
            context.logger.warning("the journal of step \(step) is of a past that is lost, and is discarded")
            try journal.discard(step)
        }
        // One without a past has nothing of a run, but may be in the directory of one.
        if prospect.run == nil { state.member.stamp.run = try context.directory.recordedRun() }
        context.logger.info("at step \(state.step)")
        let (events, report) = AsyncStream.makeStream(of: LearnerEvent.self)
        let counters = TrainingCounters()
        let wiring = LearnerWiring(
            work: TrainingWork(context, engines, counters, assembler: settings.assembler), counters: counters,
            journal: journal, events: events, report: report)
        return RoleShell(context: context, state: state, wiring: wiring)
    }

    package var gauges: Gauges { Gauges(progress: self.counters.progress, tokens: self.counters.tokens.count) }

    package func perform(_ command: LearnerCommand) throws {
        switch command {
        case .recover(let end): self.engine.post(.recover(until: end))
        case .journal(let group, let run):
            try self.journal.append(group, run: run)
            self.arrivals.times.withLock { $0[group.group.id.step] = .now }
        case .discard(let groups, let run): for group in groups { try self.journal.append(group, run: run) }
        case .discardJournal(let step): try self.journal.discard(before: step)
        case .forget(let steps): for step in steps { try self.journal.discard(step) }
        case .adopt(let run): self.engine.post(.adopt(run))
        case .train(let step, let groups):
            let collected = self.arrivals.times.withLock { times in
                times = times.filter { $0.key >= step }
                return times[step]
            }
            self.engine.post(.train(step, groups, collected: collected))
        case .publish: self.engine.post(.publish)
        case .checkpoint(let step): self.engine.post(.checkpoint(step))
        }
    }

    package var threads: [@Sendable () async throws -> Void] {
        let engine = self.engine
        return [{ try await engine.run() }]
    }
}

extension LearnerState.Settings {
    init(_ configuration: ClusterConfiguration, shape: ModelShape, capabilities: EngineCapabilities) {
        let schedule = configuration.sampling.schedule
        self.init(
            groupsPerStep: UInt32(configuration.training.promptsPerStep),
            groupFilter: configuration.algorithm.groupFilter, maximumSlots: UInt32(configuration.maximumSlots),
            samplesPerGroup: UInt32(configuration.training.samplesPerPrompt),
            terms: ResponseTerms(
                vocabulary: UInt32(shape.vocabulary), maximumTokens: configuration.sampling.maxTokens,
                contextLength: shape.contextLength,
                temperature: { schedule.temperature(at: $0, step: $1) }),
            totalSteps: UInt64(configuration.run.steps), checkpointEvery: UInt64(configuration.checkpoint.every),
            stalenessBound: UInt64(configuration.training.stalenessBound),
            mixesVersions: configuration.training.swap == .keep, isBitExact: capabilities.isBitExact)
    }
}
