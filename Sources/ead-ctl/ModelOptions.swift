import ArgumentParser
package import EADCore
import EADDoctor
import EADEngine
import EADRuntime
import Foundation

/// Which weights a command without a cluster samples from, and how it computes.
struct ModelOptions: ParsableArguments {
    @Option(name: .long, help: "The model file (GGUF) (default: SmolLM2-135M-Instruct.Q4_1.gguf in the cache).")
    var model: String?

    @Option(name: .long, help: "A checkpoint of a run, such as runs/NAME/checkpoints/step-000040, of that model.")
    var checkpoint: String?

    @Option(name: .long, help: "bf16 or f32.")
    var precision: Precision = .bf16

    @Option(name: .long, help: "Compute threads; 0 for one per core that may be used.")
    var threads: Int = 0

    static var defaultModel: String {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache"
        return cache + "/ead/SmolLM2-135M-Instruct.Q4_1.gguf"
    }

    func validate() throws {
        guard self.threads >= 0 else { throw ValidationError("--threads must be at least 0, not \(self.threads)") }
    }

    /// Loads tokenizer and weights, the weights of the checkpoint if one is named; blocks for about a second.
    func load() throws -> LoadedPolicy {
        let file = try ModelFile(path: self.model ?? Self.defaultModel)
        let compute = ComputeConfiguration(
            precision: self.precision,
            threads: self.threads > 0 ? self.threads : HostProbe().cores.usable)
        let weights =
            try self.checkpoint.map { try Checkpoint(path: $0).policyWeights(file.layout, compute) }
            ?? file.policyWeights(compute)
        return LoadedPolicy(file: file, tokenizer: try Tokenizer(file), weights: weights, compute: compute)
    }
}

/// A policy ready to sample from.
struct LoadedPolicy {
    let file: ModelFile
    let tokenizer: Tokenizer
    let weights: PolicyWeights
    let compute: ComputeConfiguration

    func generator(lanes: Int) throws -> Generator {
        let tokenizer = self.tokenizer
        let generator = try Generator(
            shape: self.file.shape, configuration: self.compute, lanes: lanes,
            tokenBytes: { tokenizer.bytes(of: $0) })
        generator.install(self.weights)
        return generator
    }

    var stopTokens: Set<TokenID> { [self.tokenizer.endOfText, self.tokenizer.endOfTurn] }
}

extension Precision: ExpressibleByArgument {}
