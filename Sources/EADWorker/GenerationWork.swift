import EADCore
import EADEngine
import EADMessages
import EADRuntime
import Synchronization

/// What the worker's engine thread does: takes commands between two tokens, reports finished groups.
///
/// It owns the generator and the flat parameters of the mirrored policy; nothing of either leaves it.
final class GenerationWork: EngineWork {
    enum Command: Sendable {
        case generate(GenerationRequest)
        case cancel(GroupID)
        /// Copy a verified chunk to `offset` of the flat parameters.
        case write(SharedBytes, offset: Int)
        /// Make a version of the one in the flat parameters.
        case apply([[SharedBytes]], PolicyManifest)
        case install(PolicyManifest)
    }

    /// Readable from any thread while the engine is busy.
    final class Counters: Sendable {
        let tokens = Atomic<UInt64>(0)
    }

    private let generator: any GenerationEngine
    private let parameters: PolicyBytes
    let counters = Counters()
    var progress: EngineProgress { self.generator.progress }

    /// - Parameter parameters: The model file's parameters at the configured precision.
    init(_ generator: any GenerationEngine, parameters: consuming sending PolicyBytes) {
        self.generator = generator
        self.parameters = parameters
    }

    func perform(_ command: Command, report: (WorkerEvent) -> Void) throws {
        switch command {
        case .generate(let request):
            do { try self.generator.submit(request) } catch {
                report(.rejected(request.id, reason: "\(error)"))
            }
        case .cancel(let id):
            self.generator.cancel(id)
        case .write(let chunk, let offset):
            chunk.withUnsafeBytes { self.parameters.write($0, at: offset) }
        case .apply(let deltas, let manifest):
            report(.applied(manifest, hashes: self.parameters.apply(deltas, makingChunksOf: manifest)))
        case .install(let manifest):
            try self.parameters.withUnsafeBytes {
                try self.generator.install(
                    PolicyImage(version: manifest.version, precision: manifest.precision, bytes: $0))
            }
            report(.installed(manifest))
        }
    }

    /// Samples a token of every response under way.
    func advance(report: (WorkerEvent) -> Void) throws -> Bool {
        if self.generator.isIdle { return false }
        for group in try self.generator.step() { report(.sampled(group)) }
        self.counters.tokens.store(self.generator.tokensGenerated, ordering: .relaxed)
        return true
    }
}
