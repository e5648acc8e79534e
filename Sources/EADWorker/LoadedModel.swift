import EADConfiguration
import EADCore
import EADEngine
import EADEnvironments
import EADMessages
import EADModels
import EADSampling

/// The model file with everything a worker derives from it: requests from leases, records from samples.
struct LoadedModel: Sendable {
    let file: ModelFile
    let tokenizer: Tokenizer
    private let sampling: SamplingConfiguration
    private let evaluationSampling: SamplingConfiguration
    private let greedyEvaluation: Bool

    /// - Throws: `ModelFileError` naming what is wrong with the file.
    init(configuration: ClusterConfiguration) throws {
        self.file = try ModelFile(path: configuration.model.path)
        self.tokenizer = try Tokenizer(self.file)
        self.sampling = configuration.sampling.stopping(at: configuration.task.stopStrings)
        self.evaluationSampling = configuration.evaluation.sampling.stopping(at: configuration.task.stopStrings)
        self.greedyEvaluation = configuration.evaluation.greedy
    }

    /// The file's parameters as version 0 publishes them.
    func policyBytes(precision: Precision, threads: Int) throws -> PolicyBytes {
        let bytes = PolicyBytes(count: self.file.layout.count * precision.bytesPerParameter)
        try bytes.withUnsafeMutableBytes {
            try self.file.readPolicy(into: $0, precision: precision, threads: threads)
        }
        return bytes
    }

    /// What the engine has to sample for a lease: a function of the lease alone.
    func request(for lease: Lease) -> GenerationRequest {
        let evaluating = lease.group.purpose == .evaluation
        var samples = (0..<lease.samples).map { sample in
            SampleSpecification(
                key: SampleKey(
                    seed: lease.seed, purpose: lease.group.purpose, step: lease.group.step,
                    problem: lease.problem.index, sample: sample))
        }
        if evaluating, self.greedyEvaluation {
            let key = SampleKey(
                seed: lease.seed, purpose: .evaluation, step: lease.group.step, problem: lease.problem.index,
                sample: lease.samples)
            samples.append(SampleSpecification(key: key, greedy: true))
        }
        return GenerationRequest(
            id: lease.group, promptTokens: self.tokenizer.encode(lease.problem.prompt), samples: samples,
            sampling: evaluating ? self.evaluationSampling : self.sampling, step: lease.group.step,
            stopTokens: [self.tokenizer.endOfText, self.tokenizer.endOfTurn])
    }

    /// What the samples say.
    func responses(_ group: GeneratedGroup) -> [String] { group.samples.map(self.text) }

    /// The record of a training group; a rollout whose verdict is nil has no score.
    func rollouts(_ group: GeneratedGroup, lease: Lease, verdicts: [Verdict?]) -> RolloutGroup {
        RolloutGroup(
            id: lease.group, attempt: lease.attempt, policyVersion: group.version, problem: lease.problem.index,
            promptTokens: self.tokenizer.encode(lease.problem.prompt),
            rollouts: zip(group.samples, verdicts).map { sample, verdict in
                Rollout(trace: sample.trace, finish: sample.finish, verdict: verdict)
            })
    }

    /// The samples of an evaluation group; the greedy one is the last when there is one.
    func grade(_ group: GeneratedGroup, lease: Lease, verdicts: [Verdict?]) -> [EvaluatedSample] {
        zip(group.samples, verdicts).enumerated().map { index, graded in
            let (sample, verdict) = graded
            return EvaluatedSample(
                greedy: index >= Int(lease.samples), verdict: verdict, tokens: UInt32(sample.trace.count),
                text: self.text(sample))
        }
    }

    private func text(_ sample: GeneratedSample) -> String {
        self.tokenizer.decode(sample.trace.tokens, special: false)
    }
}

extension SamplingConfiguration {
    fileprivate func stopping(at strings: [String]) -> SamplingConfiguration {
        var copy = self
        copy.stopStrings += strings
        return copy
    }
}
