import EADCore
import EADEngine
import EADEnvironments
import EADModels
package import EADSampling
import EADTelemetry
import EADTransformer

/// Samples responses to one prompt in this process.
package struct LocalGeneration {
    private let model: LocalModel
    private let sampling: SamplingConfiguration
    private let samples: Int
    private let seed: UInt64
    private let step: UInt64?

    /// - Parameter step: The global step of the schedule; nil for the version of the weights.
    package init(model: LocalModel, sampling: SamplingConfiguration, samples: Int, seed: UInt64, step: UInt64?) {
        self.model = model
        self.sampling = sampling
        self.samples = samples
        self.seed = seed
        self.step = step
    }

    /// What was said, and how fast.
    package struct Result {
        /// The responses, each under its number when there are several.
        package let text: String
        /// Tokens and time.
        package let speed: String
    }

    /// - Parameters:
    ///   - chat: How the chat begins of which the prompt is the user's turn; nil when it is no chat.
    ///   - verbose: Show each token with its temperature and log-probabilities instead of the text.
    package func run(prompt text: String, chat: ChatSettings?, verbose: Bool) throws -> Result {
        let policy = try self.model.load()
        let tokenizer = policy.tokenizer
        let prompt =
            try chat.map { chat in
                try chat.template(policy.file, tokenizer).encode(
                    (chat.system.map { [.init(.system, $0)] } ?? []) + [.init(.user, text)])
            } ?? tokenizer.encodeDocument(text, marksIn: [0..<text.utf8.count])
        let generator = try policy.generator(lanes: self.samples)
        let sampler = Sampler(
            tokenizer: tokenizer, prompts: try PromptEncoder(tokenizer), training: self.sampling,
            evaluation: self.sampling, isGreedyEvaluated: false)
        let step = GlobalStep(self.step ?? policy.weights.version.rawValue)
        try generator.submit(
            sampler.request(
                GroupID(purpose: .evaluation, step: step, slot: 0), prompt: prompt, problem: 0,
                samples: UInt32(self.samples), seed: self.seed))
        let start = ContinuousClock.now
        var groups: [GeneratedGroup] = []
        while !generator.isIdle { groups += try generator.step() }
        let seconds = start.duration(to: .now) / .seconds(1)
        let rate = Double(generator.tokensGenerated) / max(seconds, 1e-9)
        let blocks = groups.flatMap(\.samples).enumerated().map { index, sample in
            let heading = self.samples > 1 ? "--- \(index + 1)\n" : ""
            return heading + (verbose ? Self.table(of: sample, tokenizer) : sampler.text(sample, purpose: .evaluation))
        }
        return Result(
            text: blocks.joined(separator: "\n"),
            speed: "\(generator.tokensGenerated) tokens in \(seconds.text(decimals: 2)) s, "
                + "\(rate.text(decimals: 0)) tokens/s")
    }

    private static func table(of sample: GeneratedSample, _ tokenizer: Tokenizer) -> String {
        var rows = [["t", "temperature", "log mu", "log pi", "token"]]
        for (position, token) in sample.trace.tokens.enumerated() {
            rows.append([
                "\(position)", Double(sample.trace[.temperature][position]).text(decimals: 3),
                Double(sample.trace[.behaviourLogProb][position]).text(decimals: 3),
                Double(sample.trace[.policyLogProb][position]).text(decimals: 3),
                "\(tokenizer.decode([token]).debugDescription)",
            ])
        }
        return StatusTable.align(rows)
    }
}
