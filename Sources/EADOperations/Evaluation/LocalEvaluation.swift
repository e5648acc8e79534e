import EADCore
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
            task: TaskConfiguration, samples: Int, greedy: Bool, sampling: SamplingConfiguration, seed: UInt64,
            step: UInt64?, output: String?
        ) {
            self.task = task
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
        let heldOut = try TaskSource.load(self.settings.task, baseDirectory: "").heldOut
        let policy = try self.model.load()
        let graded = try await self.answer(heldOut, policy)
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

    private func answer(
        _ problems: [Problem], _ policy: LoadedPolicy
    ) async throws -> [GradedProblem] {
        let environment = try EnvironmentKind.environment(
            of: self.settings.task,
            host: EnvironmentHost(executor: self.executor, backoff: Backoff(seed: self.settings.seed)) {
                FileHandle.standardError.write(Data("\($0.text)\n".utf8))
            })
        let generator = try policy.generator(lanes: Self.lanes)
        let step = GlobalStep(self.settings.step ?? policy.weights.version.rawValue)
        for (slot, problem) in problems.enumerated() {
            try generator.submit(self.request(for: problem, slot: UInt32(slot), step, policy))
        }
        var graded: [UInt32: GradedProblem] = [:]
        var progress = EvaluationProgress()
        let start = ContinuousClock.now
        while !generator.isIdle {
            for group in try generator.step() {
                let problem = problems[Int(group.id.slot)]
                graded[group.id.slot] = GradedProblem(
                    problem: problem,
                    samples: await self.grade(group, environment.start(problem), environment, policy.tokenizer))
            }
            let seconds = start.duration(to: .now) / .seconds(1)
            let rate = StatusTable.number(Double(generator.tokensGenerated) / max(seconds, 1e-9), 0)
            progress.show(done: graded.count, of: problems.count, "\(rate) tokens/s")
        }
        progress.finish()
        await environment.close()
        return graded.sorted { $0.key < $1.key }.map(\.value)
    }

    /// As a worker asks for it, so that equal settings give equal responses.
    private func request(
        for problem: Problem, slot: UInt32, _ step: GlobalStep, _ policy: LoadedPolicy
    ) -> GenerationRequest {
        let count = UInt32(self.settings.samples + (self.settings.greedy ? 1 : 0))
        let samples = (0..<count).map { sample in
            SampleSpecification(
                key: SampleKey(
                    seed: self.settings.seed, purpose: .evaluation, step: step, problem: problem.index, sample: sample),
                greedy: Int(sample) >= self.settings.samples)
        }
        var sampling = self.settings.sampling
        sampling.stopStrings += self.settings.task.stopStrings
        return GenerationRequest(
            id: GroupID(purpose: .evaluation, step: step, slot: slot),
            promptTokens: policy.tokenizer.encode(problem.prompt), samples: samples, sampling: sampling, step: step,
            stopTokens: policy.stopTokens)
    }

    private func grade(
        _ group: GeneratedGroup, _ episode: Episode, _ environment: any Environment, _ tokenizer: Tokenizer
    ) async -> [EvaluatedSample] {
        var graded: [EvaluatedSample] = []
        for (index, sample) in group.samples.enumerated() {
            let text = tokenizer.decode(sample.trace.tokens, special: false)
            let verdict = await environment.verdict(on: text, in: episode)
            graded.append(
                EvaluatedSample(
                    greedy: index >= self.settings.samples, verdict: verdict, tokens: UInt32(sample.trace.count),
                    text: text))
        }
        return graded
    }
}
