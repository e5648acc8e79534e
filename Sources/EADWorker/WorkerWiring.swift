import EADConfiguration
import EADCore
package import EADEngine
import EADEnvironments
import EADMessages
import EADModels
package import EADProtocol
package import EADRuntime
import Logging
import Synchronization

/// What the worker's state is wired to: the engine that samples, the environment that judges, and a thread
/// that mirrors the policy.
package final class WorkerWiring: RoleWiring {
    package typealias State = WorkerState

    package static let sockets = RoleSockets(connectsToController: true, connectsToLearner: true)

    package let events: AsyncStream<WorkerEvent>
    private let report: AsyncStream<WorkerEvent>.Continuation
    private let sampler: Sampler
    private let engine: EngineThread<GenerationWork.Command, WorkerEvent>
    private let mirror: EngineThread<MirrorWork.Command, WorkerEvent>
    private let scoring: ScoringLoop
    /// What the environment has been given, by number of the job.
    private let unscored = Unscored()
    private let progress: @Sendable () -> Gauges

    private final class Unscored: Sendable {
        let groups = Mutex<[UInt64: (group: GeneratedGroup, lease: Lease)]>([:])
    }

    private init(
        sampler: Sampler, work: sending GenerationWork, mirror: PolicyMirror, scoring: ScoringLoop
    ) {
        let (events, report) = AsyncStream.makeStream(of: WorkerEvent.self)
        let (progress, counters) = (work.progress, work.counters)
        self.progress = {
            let work = counters.work
            return Gauges(
                progress: progress.value + scoring.progress, tokens: work.tokens, counters: scoring.counted,
                complaint: scoring.complaint, passes: work.passes, passMilliseconds: work.duration.milliseconds)
        }
        self.events = events
        self.report = report
        self.sampler = sampler
        self.scoring = scoring
        let engine = EngineThread(name: "engine", work) { report.yield($0) }
        self.engine = engine
        self.mirror = EngineThread(
            name: "mirror",
            MirrorWork(mirror: mirror, install: { engine.post(.install($0, keeping: $1)) })
        ) {
            report.yield($0)
        }
    }

    /// Loads the model file; takes about a second.
    /// - Throws: `RoleFailure` when the model cannot be loaded or the environment cannot be made.
    package static func shell(
        _ context: RoleContext, engines: any EngineFactory
    ) throws -> RoleShell<WorkerWiring> {
        let configuration = context.configuration
        guard let settings = configuration.worker(context.node) else {
            throw RoleFailure(.usage, "the cluster file has no worker named \(context.node)")
        }
        let file = try ModelFile(path: configuration.model.path)
        let tokenizer = try Tokenizer(file)
        let prompts = try PromptEncoder(file, tokenizer, task: configuration.task)
        let sampler = Sampler(
            tokenizer: tokenizer, prompts: prompts,
            training: configuration.sampling, evaluation: configuration.evaluation.sampling,
            isGreedyEvaluated: configuration.evaluation.greedy, stopStrings: configuration.task.stopStrings)
        let compute = ComputeConfiguration(
            precision: configuration.model.precision, threads: settings.threads, logitRows: settings.logitRows)
        let parameters = try PolicyBytes(file, precision: compute.precision, threads: compute.threads)
        let mirrored = parameters.withUnsafeBytes {
            PolicyHashes.manifest(of: $0, version: PolicyVersion(0), precision: compute.precision)
        }
        let samples = max(configuration.training.samplesPerPrompt, 1)
        let state = WorkerState(
            settings: WorkerState.Settings(
                credit: UInt32(max(settings.lanes / samples, 1)),
                requestTimeout: configuration.protocol.requestTimeout,
                swap: configuration.training.swap),
            member: context.member(
                run: try context.directory.recordedRun(),
                contents: [SharedContent("vocabulary", tokenizer.forEachDefiningPart)]
                    + [prompts.template].compactMap { $0 }.map {
                        SharedContent("chat template", $0.forEachDefiningPart)
                    }
                    + [try SharedContent.program(configuration.task.command)].compactMap { $0 }, now: .now),
            chunkHashes: mirrored.chunkHashes, mirrored: mirrored.held,
            policyBytes: UInt64(parameters.count))
        let scoring = try ScoringLoop(
            task: configuration.task, sampler: sampler,
            backoff: Backoff(configuration.protocol.backoff, seed: configuration.run.seed), logger: context.logger)
        let generator = try engines.generation(
            file.shape, compute, lanes: settings.lanes, tokenBytes: { tokenizer.bytes(of: $0) })
        let mirror = PolicyMirror(parameters)
        let wiring = WorkerWiring(
            sampler: sampler, work: GenerationWork(generator, mirror: mirror), mirror: mirror, scoring: scoring)
        return RoleShell(context: context, state: state, wiring: wiring)
    }

    package var gauges: Gauges { self.progress() }

    package func perform(_ command: WorkerCommand) throws {
        switch command {
        case .generate(let lease, let version):
            let request = try self.sampler.request(
                lease.group, episode: self.scoring.environment.start(lease.problem), samples: lease.samples,
                seed: lease.seed)
            self.engine.post(.generate(request, version))
        case .cancel(let group): self.engine.post(.cancel(group))
        case .score(let job, let group, let lease):
            self.unscored.groups.withLock { $0[job] = (group, lease) }
            self.scoring.post(
                ScoringLoop.Job(
                    number: job, purpose: group.id.purpose,
                    episode: self.scoring.environment.start(lease.problem), samples: group.samples))
        case .cancelScoring(let job):
            self.unscored.groups.withLock { $0[job] = nil }
            self.scoring.cancel(job)
        case .check(let chunk, let payload, let hash):
            self.mirror.post(.check(chunk, payload, hash: hash))
        case .write(let bytes, let offset): self.mirror.post(.write(bytes, offset: offset))
        case .apply(let deltas, let manifest): self.mirror.post(.apply(deltas, manifest))
        case .install(let manifest, let kept): self.mirror.post(.install(manifest, keeping: kept))
        }
    }

    package var threads: [@Sendable () async throws -> Void] {
        let (engine, mirror, scoring) = (self.engine, self.mirror, self.scoring)
        let (sampler, unscored, report) = (self.sampler, self.unscored, self.report)
        return [
            { try await engine.run() },
            { try await mirror.run() },
            { await scoring.run() },
            {
                for await scored in scoring.results {
                    // Nil after a cancelled lease.
                    guard let (group, lease) = unscored.groups.withLock({ $0.removeValue(forKey: scored.number) })
                    else { continue }
                    report.yield(
                        lease.group.purpose == .evaluation
                            ? .graded(
                                group.id, sampler.graded(group, samples: lease.samples, verdicts: scored.verdicts))
                            : .scored(
                                try sampler.rollouts(
                                    group, attempt: lease.attempt, episode: scored.episode,
                                    verdicts: scored.verdicts)))
                }
            },
        ]
    }
}
