import EADCore
import EADEngine
import EADEnvironments
import EADEvaluation
import EADMessages
import EADRuntime
import EADSampling
import EADTelemetry
import Foundation

/// An evaluation by this process alone, on a thread of its own.
actor LocalEvaluation {
    /// Responses sampled at a time; changes no response.
    private static let lanes = 64

    private let executor = ThreadExecutor(name: "engine")
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

    private let problems: ProblemOptions
    private let samples: Int
    private let model: ModelOptions
    private let sampling: SamplingConfiguration
    private let seed: UInt64
    private let step: UInt64?

    init(
        problems: ProblemOptions, samples: Int, model: ModelOptions, sampling: SamplingConfiguration, seed: UInt64,
        step: UInt64?
    ) {
        self.problems = problems
        self.samples = samples
        self.model = model
        self.sampling = sampling
        self.seed = seed
        self.step = step
    }

    /// Samples, scores, writes the responses where they are wanted, and sums up.
    func report() throws -> EvaluationReport {
        let task = try self.problems.resolve()
        let heldOut = try TaskSource.load(task, baseDirectory: "").heldOut
        let policy = try self.model.load()
        let graded = try self.answer(heldOut, task, policy)
        let version = policy.weights.version
        if let output = self.problems.output {
            let records = graded.flatMap {
                EvaluationRecord.records(version: version, problem: $0.problem, $0.samples)
            }
            try DurableFile.replace(URL(filePath: output), with: EvaluationRecord.lines(records))
        }
        return EvaluationReport(
            version: version, problems: UInt32(graded.count), samples: UInt32(self.samples),
            values: EvaluationStatistics(graded).values)
    }

    private func answer(
        _ problems: [Problem], _ task: TaskConfiguration, _ policy: LoadedPolicy
    ) throws -> [GradedProblem] {
        let generator = try policy.generator(lanes: Self.lanes)
        let step = GlobalStep(self.step ?? policy.weights.version.rawValue)
        for (slot, problem) in problems.enumerated() {
            try generator.submit(self.request(for: problem, slot: UInt32(slot), step, task, policy))
        }
        var graded: [UInt32: GradedProblem] = [:]
        var progress = EvaluationProgress()
        let start = ContinuousClock.now
        while !generator.isIdle {
            for group in try generator.step() {
                let problem = problems[Int(group.id.slot)]
                graded[group.id.slot] = GradedProblem(
                    problem: problem, samples: self.grade(group, problem, task, policy.tokenizer))
            }
            let seconds = start.duration(to: .now) / .seconds(1)
            let rate = StatusTable.number(Double(generator.tokensGenerated) / max(seconds, 1e-9), 0)
            progress.show(done: graded.count, of: problems.count, "\(rate) tokens/s")
        }
        progress.finish()
        return graded.sorted { $0.key < $1.key }.map(\.value)
    }

    /// As a worker asks for it, so that equal settings give equal responses.
    private func request(
        for problem: Problem, slot: UInt32, _ step: GlobalStep, _ task: TaskConfiguration, _ policy: LoadedPolicy
    ) -> GenerationRequest {
        let count = UInt32(self.samples + (self.problems.greedy ? 1 : 0))
        let samples = (0..<count).map { sample in
            SampleSpecification(
                key: SampleKey(
                    seed: self.seed, purpose: .evaluation, step: step, problem: problem.index, sample: sample),
                greedy: Int(sample) >= self.samples)
        }
        var sampling = self.sampling
        sampling.stopStrings += task.stopStrings
        return GenerationRequest(
            id: GroupID(purpose: .evaluation, step: step, slot: slot),
            promptTokens: policy.tokenizer.encode(problem.prompt), samples: samples, sampling: sampling, step: step,
            stopTokens: policy.stopTokens)
    }

    private func grade(
        _ group: GeneratedGroup, _ problem: Problem, _ task: TaskConfiguration, _ tokenizer: Tokenizer
    ) -> [EvaluatedSample] {
        group.samples.enumerated().map { index, sample in
            let text = tokenizer.decode(sample.tokens, special: false)
            let verdict = task.verifier.score(response: text, answer: problem.answer)
            return EvaluatedSample(
                greedy: index >= self.samples, reward: verdict.reward, strictReward: verdict.strictReward,
                tokens: UInt32(sample.tokens.count), text: text, prediction: verdict.prediction)
        }
    }
}
