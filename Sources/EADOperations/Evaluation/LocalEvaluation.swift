package import EADCore
import EADEngine
package import EADEnvironments
import EADEvaluation
import EADFiles
package import EADMessages
import EADModels
import EADRuntime
package import EADSampling
import EADTelemetry
import EADTransformer
import Foundation

/// An evaluation by this process alone, on a thread of its own.
package actor LocalEvaluation {
    /// What to answer, how, and where the responses go.
    package struct Settings: Sendable {
        package var task: TaskConfiguration
        /// What is answered; nil for the held-out problems of the task.
        package var problems: [Problem]?
        /// Responses per problem, besides the greedy one.
        package var samples: Int
        /// Whether each problem is answered greedily too.
        package var greedy: Bool
        package var sampling: SamplingConfiguration
        package var seed: UInt64
        /// The global step of the schedule; nil for the version of the weights.
        package var step: UInt64?
        /// Every response with its score goes to this file.
        package var output: String?

        package init(
            task: TaskConfiguration, problems: [Problem]? = nil, samples: Int, greedy: Bool,
            sampling: SamplingConfiguration, seed: UInt64,
            step: UInt64?, output: String?
        ) {
            self.task = task
            self.problems = problems
            self.samples = samples
            self.greedy = greedy
            self.sampling = sampling
            self.seed = seed
            self.step = step
            self.output = output
        }
    }

    /// Responses sampled at a time; changes no response.
    private static let lanes = 64

    private let executor = ThreadExecutor(name: "engine")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

    private let settings: Settings
    private let model: LocalModel

    package init(_ settings: Settings, model: LocalModel) {
        self.settings = settings
        self.model = model
    }

    /// Samples, scores, writes the responses where they are wanted, and sums up.
    package func report() async throws -> EvaluationReport {
        // Whatever can be known is known before the first token.
        if let output = self.settings.output { try DurableFile.check(output) }
        let policy = try self.model.load()
        let graded = try await self.answer(try self.problems(policy), policy)
        let version = policy.weights.version
        if let output = self.settings.output {
            let records = graded.flatMap {
                EvaluationRecord.records(version: version, problem: $0.problem, $0.samples)
            }
            try DurableFile.replace(output, with: EvaluationRecord.lines(records).bytes)
        }
        return EvaluationReport(
            version: version, problems: UInt32(graded.count), samples: UInt32(self.settings.samples),
            values: EvaluationStatistics(graded).values)
    }

    /// Samples and scores.
    func graded() async throws -> [GradedProblem] {
        let policy = try self.model.load()
        return try await self.answer(try self.problems(policy), policy)
    }

    /// What is asked, every prompt of which has been measured.
    private func problems(_ policy: LoadedPolicy) throws -> [Problem] {
        let (task, response) = (self.settings.task, self.settings.sampling.maxTokens)
        let prompts = try PromptEncoder(policy.file, policy.tokenizer, task: task)
        let limit = PromptLimit(policy.file, prompts, trainingResponse: nil, heldOutResponse: response)
        guard let given = self.settings.problems else {
            let source = try TaskSource.load(task, baseDirectory: "", limit: limit)
            self.tell(dropped: source.dropped)
            if source.repeated > 0 {
                Terminal.errors.show("\(source.repeated) lines repeat a problem and are left out")
            }
            return source.heldOut
        }
        let found = given.map { ($0, limit.problem(of: $0.prompt, response: response)) }
        let fitting = found.filter { $0.1 == nil }.map(\.0)
        for case (_, let problem?) in found {
            if case .tooLong = problem, task.overlongPrompts == .drop { continue }
            throw RoleFailure(
                .data,
                "\(given.count - fitting.count) of \(given.count) problems cannot be asked: \(problem.message)")
        }
        self.tell(dropped: given.count - fitting.count)
        return fitting
    }

    private func tell(dropped: Int) {
        if dropped > 0 { Terminal.errors.show("\(dropped) prompts are too long and left out") }
    }

    private func answer(_ problems: [Problem], _ policy: LoadedPolicy) async throws -> [GradedProblem] {
        let settings = self.settings
        let environment = try EnvironmentKind.environment(
            of: settings.task,
            host: EnvironmentHost(executor: self.executor, backoff: Backoff(seed: settings.seed)) {
                FileHandle.standardError.write(Data("\($0.text)\n".utf8))
            })
        let sampler = Sampler(
            tokenizer: policy.tokenizer, prompts: try PromptEncoder(policy.file, policy.tokenizer, task: settings.task),
            training: settings.sampling, evaluation: settings.sampling,
            isGreedyEvaluated: settings.greedy, stopStrings: settings.task.stopStrings)
        let generator = try policy.generator(lanes: Self.lanes)
        let step = GlobalStep(settings.step ?? policy.weights.version.rawValue)
        let episodes = problems.map(environment.start)
        for (slot, episode) in episodes.enumerated() {
            let id = GroupID(purpose: .evaluation, step: step, slot: UInt32(slot))
            try generator.submit(
                try sampler.request(id, episode: episode, samples: UInt32(settings.samples), seed: settings.seed))
        }
        var graded: [UInt32: GradedProblem] = [:]
        var progress = EvaluationProgress()
        let start = ContinuousClock.now
        while !generator.isIdle {
            for group in try generator.step() {
                let episode = episodes[Int(group.id.slot)]
                var verdicts: [Verdict?] = []
                for sample in group.samples {
                    verdicts.append(
                        await sampler.verdict(on: sample, purpose: .evaluation, in: episode, by: environment))
                }
                graded[group.id.slot] = GradedProblem(
                    problem: episode.problem,
                    samples: sampler.graded(group, samples: UInt32(settings.samples), verdicts: verdicts))
            }
            let seconds = start.duration(to: .now) / .seconds(1)
            let rate = (Double(generator.tokensGenerated) / max(seconds, 1e-9)).text(decimals: 0)
            progress.show(done: graded.count, of: problems.count, "\(rate) tokens/s")
        }
        progress.finish()
        await environment.close()
        return graded.sorted { $0.key < $1.key }.map(\.value)
    }
}
