import ArgumentParser
package import EADCore
import EADFiles
import EADOperations

/// Which weights a command without a cluster samples from, and how it computes.
struct ModelOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The model: a GGUF file or a directory (default: the checkpoint's own, or \(CacheDirectory.Asset.model.rawValue) in the cache)."
        ))
    var model: String?

    @Option(name: .long, help: "A checkpoint of a run, such as runs/NAME/checkpoints/step-000040, of that model.")
    var checkpoint: String?

    @Option(name: .long, help: "bf16 or f32.")
    var precision: Precision = .bf16

    @Option(name: .long, help: "Compute threads; 0 for one per core that may be used.")
    var threads: Int = 0

    func validate() throws {
        guard self.threads >= 0 else { throw ValidationError("--threads must be at least 0, not \(self.threads)") }
    }

    func resolve() -> LocalModel {
        LocalModel(
            path: self.model, checkpoint: self.checkpoint, precision: self.precision, threads: self.threads)
    }
}

extension Precision: ExpressibleByArgument {}
