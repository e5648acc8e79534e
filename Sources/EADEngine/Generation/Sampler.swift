package import EADCore
package import EADEnvironments
package import EADModels
package import EADSampling

/// What has to be sampled for a problem, and what the responses say: the same for a worker and for `ead-ctl`, so that
/// equal settings give equal responses.
package struct Sampler: Sendable {
    private let tokenizer: Tokenizer
    private let prompts: PromptEncoder
    private let training: SamplingConfiguration
    private let evaluation: SamplingConfiguration
    private let isGreedyEvaluated: Bool

    /// - Parameters:
    ///   - prompts: How the prompts of the task become tokens.
    ///   - training: How responses are drawn that are trained on.
    ///   - evaluation: How those of an evaluation are drawn.
    ///   - isGreedyEvaluated: Whether an evaluation has a greedy response too, as the last of its group.
    ///   - stopStrings: Texts that end a response besides those of the settings.
    package init(
        tokenizer: Tokenizer, prompts: PromptEncoder, training: SamplingConfiguration,
        evaluation: SamplingConfiguration,
        isGreedyEvaluated: Bool, stopStrings: [String] = []
    ) {
        self.tokenizer = tokenizer
        self.prompts = prompts
        self.training = training.stopping(at: stopStrings)
        self.evaluation = evaluation.stopping(at: stopStrings)
        self.isGreedyEvaluated = isGreedyEvaluated
    }

    // MARK: Before

    /// The request for a group: a function of its arguments alone.
    /// - Parameter problem: The number of the problem, which the random numbers depend on.
    package func request(
        _ id: GroupID, prompt: [TokenID], problem: UInt32, samples: UInt32, seed: UInt64
    ) -> GenerationRequest {
        func key(_ sample: UInt32) -> SampleKey {
            SampleKey(seed: seed, purpose: id.purpose, step: id.step, problem: problem, sample: sample)
        }
        let isEvaluation = id.purpose == .evaluation
        var specifications = (0..<samples).map { SampleSpecification(key: key($0)) }
        if isEvaluation, self.isGreedyEvaluated {
            specifications.append(SampleSpecification(key: key(samples), greedy: true))
        }
        return GenerationRequest(
            id: id, promptTokens: prompt, samples: specifications,
            sampling: isEvaluation ? self.evaluation : self.training, step: id.step,
            stopTokens: Set(self.tokenizer.ends))
    }

    /// The request for the first turn of episodes that begin alike.
    /// - Throws: `RoleFailure` when the model's chat template refuses the conversation.
    package func request(
        _ id: GroupID, episode: Episode, samples: UInt32, seed: UInt64
    ) throws(RoleFailure) -> GenerationRequest {
        self.request(
            id, prompt: try self.prompt(of: episode), problem: episode.problem.index, samples: samples, seed: seed)
    }

    private func prompt(of episode: Episode) throws(RoleFailure) -> [TokenID] {
        try self.prompts.encode(episode.prompt)
    }

    // MARK: After

    /// What a response says: without control tokens, up to the earliest stop string.
    ///
    /// The tokens stay as they were sampled: the one that completed a stop string is trained on like any other, and may have
    /// begun before it.
    /// - Parameter purpose: What the response was sampled for.
    package func text(_ sample: GeneratedSample, purpose: Purpose) -> String {
        let settings = purpose == .evaluation ? self.evaluation : self.training
        let bytes = sample.trace.tokens.map { (bytes: self.tokenizer.bytes(of: $0), token: $0) }
        // As the generator watches for stop strings: in the names of control tokens too.
        let end = StopStrings(settings.stopStrings).first(in: bytes.flatMap(\.bytes)) ?? .max
        var text: [UInt8] = []
        var position = 0
        for (piece, token) in bytes where position < end {
            if !self.tokenizer.isControl(token) { text += piece.prefix(end - position) }
            position += piece.count
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The environment's verdict on a response; nil if it has none.
    package nonisolated(nonsending) func verdict(
        on sample: GeneratedSample, purpose: Purpose, in episode: Episode, by environment: any Environment
    ) async -> Verdict? {
        await environment.verdict(on: self.text(sample, purpose: purpose), in: episode)
    }

    /// The record of a training group; a rollout whose verdict is nil has no score.
    package func rollouts(
        _ group: GeneratedGroup, attempt: UInt32, episode: Episode, verdicts: [Verdict?]
    ) throws(RoleFailure) -> RolloutGroup {
        RolloutGroup(
            id: group.id, attempt: attempt, policyVersion: group.version, problem: episode.problem.index,
            promptTokens: try self.prompt(of: episode),
            rollouts: zip(group.samples, verdicts).map { sample, verdict in
                Rollout(trace: sample.trace, finish: sample.finish, verdict: verdict, runs: sample.runs)
            })
    }

    /// The samples of an evaluation group; the greedy one is the last when there is one.
    /// - Parameter samples: As in the request.
    package func graded(_ group: GeneratedGroup, samples: UInt32, verdicts: [Verdict?]) -> [EvaluatedSample] {
        zip(group.samples, verdicts).enumerated().map { index, pair in
            let (sample, verdict) = pair
            return EvaluatedSample(
                greedy: index >= Int(samples), verdict: verdict, tokens: UInt32(sample.trace.count),
                text: self.text(sample, purpose: group.id.purpose))
        }
    }
}

extension SamplingConfiguration {
    fileprivate func stopping(at strings: [String]) -> SamplingConfiguration {
        var copy = self
        copy.stopStrings += strings
        return copy
    }
}
