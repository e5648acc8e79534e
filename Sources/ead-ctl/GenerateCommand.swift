import ArgumentParser
import EADCore
import EADEngine
import EADModels
import EADOperations
import EADRuntime
import EADSampling
import EADTransformer
import Foundation

/// `ead-ctl generate`
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Samples text from a model file or a checkpoint with Exploratory Annealed Decoding; needs no cluster."
    )

    @Argument(help: "The prompt; - reads standard input.")
    var prompt: String

    @Flag(name: .long, help: "Take the prompt as a user's turn of a chat.")
    var chat = false

    @Option(name: .shortAndLong, help: "Responses to sample.")
    var samples: Int = 1

    @Flag(name: .long, help: "Show each token with its temperature and log-probability.")
    var verbose = false

    @OptionGroup var model: ModelOptions

    @OptionGroup var sampling: SamplingOptions

    func run() {
        do { try self.generate() } catch { RoleRunner.fail(error) }
    }

    private func generate() throws {
        guard self.samples >= 1 else { throw RoleFailure(.usage, "--samples must be at least 1") }
        let sampling = try self.sampling.resolve()
        let text = self.prompt == "-" ? try Self.standardInput() : self.prompt
        let policy = try self.model.resolve().load()
        let tokenizer = policy.tokenizer
        let prompt =
            try self.chat
            ? ChatTemplate(policy.file, tokenizer).encode([ChatTemplate.Message(.user, text)])
            : tokenizer.encode(text)
        let generator = try policy.generator(lanes: self.samples)
        let step = GlobalStep(self.sampling.step ?? policy.weights.version.rawValue)
        let keys = (0..<UInt32(self.samples)).map {
            SampleSpecification(
                key: SampleKey(seed: self.sampling.seed, purpose: .evaluation, step: step, problem: 0, sample: $0),
                greedy: false)
        }
        try generator.submit(
            GenerationRequest(
                id: GroupID(purpose: .evaluation, step: step, slot: 0), promptTokens: prompt, samples: keys,
                sampling: sampling, step: step, stopTokens: policy.stopTokens))
        let start = ContinuousClock.now
        var groups: [GeneratedGroup] = []
        while !generator.isIdle { groups += try generator.step() }
        let seconds = start.duration(to: .now) / .seconds(1)
        for (index, sample) in groups.flatMap(\.samples).enumerated() { self.show(sample, index, tokenizer) }
        let rate = Double(generator.tokensGenerated) / max(seconds, 1e-9)
        let note = "\(generator.tokensGenerated) tokens in \(StatusTable.number(seconds, 2)) s, "
        FileHandle.standardError.write(Data("\(note)\(StatusTable.number(rate, 0)) tokens/s\n".utf8))
    }

    private func show(_ sample: GeneratedSample, _ index: Int, _ tokenizer: Tokenizer) {
        if self.samples > 1 { print("--- \(index + 1)") }
        guard self.verbose else { return print(tokenizer.decode(sample.trace.tokens)) }
        var rows = [["t", "temperature", "log mu", "log pi", "token"]]
        for (position, token) in sample.trace.tokens.enumerated() {
            rows.append([
                "\(position)", StatusTable.number(Double(sample.trace[.temperature][position]), 3),
                StatusTable.number(Double(sample.trace[.behaviourLogProb][position]), 3),
                StatusTable.number(Double(sample.trace[.policyLogProb][position]), 3),
                "\(tokenizer.decode([token]).debugDescription)",
            ])
        }
        print(StatusTable.align(rows))
    }

    private static func standardInput() throws -> String {
        guard let text = String(data: FileHandle.standardInput.readDataToEndOfFile(), encoding: .utf8) else {
            throw RoleFailure(.data, "standard input is not UTF-8")
        }
        return text
    }
}
