public import ArgumentParser
public import EADCore
import EADEngine
import EADRuntime
import EADSampling
import Foundation

/// `ead-ctl generate`
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Samples text from a model file with Exploratory Annealed Decoding; needs no cluster.")

    @Argument(help: "The prompt; - reads standard input.")
    var prompt: String

    @Option(name: .long, help: "The model file (GGUF).")
    var model: String = GenerateCommand.defaultModel

    @Flag(name: .long, help: "Take the prompt as a user's turn of a chat.")
    var chat = false

    @Option(name: .shortAndLong, help: "Responses to sample.")
    var samples: Int = 1

    @Option(name: .long, help: "Tokens per response at most.")
    var maxTokens: Int = 128

    @Option(name: .long, help: "End a response where this text appears; may be repeated.")
    var stop: [String] = []

    @Option(name: .long, help: "Keep the so many likeliest tokens; 0 for all.")
    var topK: Int = 0

    @Option(name: .long, help: "Keep the likeliest tokens of this total probability.")
    var topP: Float = 1

    @Option(name: .long, help: "Drop tokens less likely than this share of the likeliest.")
    var minP: Float = 0

    @Option(name: .long, help: "The same seed gives the same text.")
    var seed: UInt64 = 1

    @Option(name: .long, help: "The global step s of the schedule.")
    var step: UInt64 = 0

    @Option(name: .long, help: "bf16 or f32.")
    var precision: Precision = .bf16

    @Option(name: .long, help: "Compute threads; 0 for one per core.")
    var threads: Int = 0

    @Flag(name: .long, help: "Show each token with its temperature and log-probability.")
    var verbose = false

    @OptionGroup var schedule: ScheduleOptions

    static var defaultModel: String {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache"
        return cache + "/ead/SmolLM2-135M-Instruct.Q4_1.gguf"
    }

    func run() {
        do { try self.generate() } catch { RoleRunner.fail(error) }
    }

    private func generate() throws {
        guard self.samples >= 1 else { throw RoleFailure(.usage, "--samples must be at least 1") }
        let sampling = SamplingConfiguration(
            schedule: self.schedule.resolve(), topK: self.topK, topP: self.topP, minP: self.minP,
            maxTokens: self.maxTokens, stopStrings: self.stop)
        let problems = sampling.problems()
        guard problems.isEmpty else {
            throw RoleFailure(.usage, problems.map { "\($0.field) \($0.message)" }.joined(separator: "\nerror: "))
        }
        let text = self.prompt == "-" ? try Self.standardInput() : self.prompt
        let file = try ModelFile(path: self.model)
        let tokenizer = try Tokenizer(file)
        let prompt =
            try self.chat
            ? ChatTemplate(file, tokenizer).encode([ChatTemplate.Message(.user, text)]) : tokenizer.encode(text)
        let compute = ComputeConfiguration(
            precision: self.precision,
            threads: self.threads > 0 ? self.threads : ProcessInfo.processInfo.activeProcessorCount)
        let generator = try Generator(
            shape: file.shape, configuration: compute, slots: self.samples, tokenBytes: { tokenizer.bytes(of: $0) })
        generator.install(try file.policyWeights(compute))
        let keys = (0..<UInt32(self.samples)).map {
            SampleSpecification(
                key: SampleKey(
                    seed: self.seed, purpose: .evaluation, step: GlobalStep(self.step), problem: 0, sample: $0),
                greedy: false)
        }
        try generator.submit(
            GenerationRequest(
                id: GroupID(purpose: .evaluation, step: GlobalStep(self.step), slot: 0),
                promptTokens: prompt, samples: keys, sampling: sampling,
                step: GlobalStep(self.step), stopTokens: [tokenizer.endOfText, tokenizer.endOfTurn]))
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
        guard self.verbose else { return print(tokenizer.decode(sample.tokens)) }
        var rows = [["t", "temperature", "log mu", "log pi", "token"]]
        for (position, token) in sample.tokens.enumerated() {
            rows.append([
                "\(position)", StatusTable.number(Double(sample.temperatures[position]), 3),
                StatusTable.number(Double(sample.behaviourLogProbs[position]), 3),
                StatusTable.number(Double(sample.policyLogProbs[position]), 3),
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

extension Precision: ExpressibleByArgument {}
