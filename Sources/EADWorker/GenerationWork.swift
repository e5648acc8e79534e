import EADCore
import EADEngine
import EADMessages
import EADRuntime
import Synchronization

/// What the worker's engine thread does: takes commands between two tokens, reports finished groups.
///
/// It owns the generator, of which nothing leaves it.
final class GenerationWork: EngineWork {
    enum Command: Sendable {
        /// Sample a group with a resident policy.
        case generate(GenerationRequest, PolicyVersion)
        case cancel(GroupID)
        /// Make the policy in the mirror resident, in the place of all others but those kept.
        case install(PolicyManifest, keeping: Set<PolicyVersion>)
    }

    /// Readable from any thread while the engine is busy.
    final class Counters: Sendable {
        private let counted = Mutex(SampledWork())
        var work: SampledWork { self.counted.withLock { $0 } }

        /// A pass has drawn tokens.
        func count(tokens: UInt64, _ duration: Duration) {
            self.counted.withLock { work in
                work.tokens = tokens
                work.passes += 1
                work.duration += duration
            }
        }
    }

    /// What the engine has drawn since the process started.
    struct SampledWork: Sendable {
        var tokens: UInt64 = 0
        /// Passes in which it drew a token of every response under way.
        var passes: UInt64 = 0
        /// How long they took.
        var duration = Duration.zero
    }

    private let generator: any GenerationEngine
    private let mirror: PolicyMirror
    let counters = Counters()
    var progress: EngineProgress { self.generator.progress }

    /// - Parameter mirror: Holds the model file's parameters at the configured precision, to begin with.
    init(_ generator: any GenerationEngine, mirror: PolicyMirror) {
        self.generator = generator
        self.mirror = mirror
    }

    func perform(_ command: Command, report: (WorkerEvent) -> Void) throws {
        switch command {
        case .generate(let request, let version):
            do { try self.generator.submit(request, with: version) } catch {
                report(.rejected(request.id, reason: "\(error)"))
            }
        case .cancel(let id):
            self.generator.cancel(id)
        case .install(let manifest, let kept):
            try self.mirror.withUnsafeBytes { bytes throws(EngineError) in
                let image = PolicyImage(version: manifest.version, precision: manifest.precision, bytes: bytes)
                try self.generator.install(image, keeping: kept)
            }
            report(.installed(manifest))
        }
    }

    /// Samples a token of every response under way.
    func advance(report: (WorkerEvent) -> Void) throws -> Bool {
        if self.generator.isIdle { return false }
        let start = ContinuousClock.now
        for group in try self.generator.step() { report(.sampled(group)) }
        self.counters.count(tokens: self.generator.tokensGenerated, start.duration(to: .now))
        return true
    }
}
