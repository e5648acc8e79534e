package import EADCore
import EADDoctor
package import EADEngine
import EADFiles
package import EADModels
package import EADTransformer

/// The weights a command without a cluster samples from, and how it computes with them.
package struct LocalModel: Sendable {
    /// The model: a GGUF file or a directory.
    private let path: String
    /// A checkpoint of that model; nil for the file's own weights.
    private let checkpoint: String?
    private let precision: Precision
    private let threads: Int

    /// - Parameters:
    ///   - path: Nil for the checkpoint itself, where that is a model's directory, else the file in the cache.
    ///   - threads: 0 for one per core that may be used.
    package init(path: String?, checkpoint: String?, precision: Precision, threads: Int) {
        self.path = path ?? checkpoint.flatMap { HuggingFaceDirectory.isOne($0) ? $0 : nil } ?? Self.defaultPath
        self.checkpoint = checkpoint
        self.precision = precision
        self.threads = threads > 0 ? threads : HostProbe().cores.usable
    }

    /// The model file in the cache.
    package static var defaultPath: String { CacheDirectory.user.place(of: .model) }

    /// Opens the model without its weights.
    func open() throws -> (file: ModelFile, tokenizer: Tokenizer) {
        let file = try ModelFile(path: self.path)
        return (file, try Tokenizer(file))
    }

    /// Loads tokenizer and weights; blocks for about a second.
    package func load() throws -> LoadedPolicy {
        let (file, tokenizer) = try self.open()
        let compute = ComputeConfiguration(precision: self.precision, threads: self.threads)
        let weights =
            try self.checkpoint.map { try Checkpoint(path: $0).policyWeights(file.layout, compute) }
            ?? file.policyWeights(compute)
        return LoadedPolicy(file: file, tokenizer: tokenizer, weights: weights, compute: compute)
    }
}

/// A policy ready to sample from.
package struct LoadedPolicy {
    package let file: ModelFile
    package let tokenizer: Tokenizer
    package let weights: PolicyWeights
    package let compute: ComputeConfiguration

    package func generator(lanes: Int) throws -> Generator {
        let tokenizer = self.tokenizer
        let generator = try Generator(
            shape: self.file.shape, configuration: self.compute, lanes: lanes,
            tokenBytes: { tokenizer.bytes(of: $0) })
        generator.install(self.weights)
        return generator
    }
}
