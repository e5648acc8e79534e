import EADCore
import EADEngine
import EADMessages
import EADModels
import EADRuntime
import EADTransformer
import Synchronization

/// The engine's own thread in a worker: takes commands between two tokens, reports finished groups.
///
/// It owns the generator and the flat parameters of the mirrored policy; nothing of either leaves it.
actor GenerationLoop {
    enum Command: Sendable {
        case generate(GenerationRequest)
        case cancel(GroupID)
        /// Copy a verified chunk to `offset` of the flat parameters.
        case write(SharedBytes, offset: Int)
        case install(PolicyManifest)
    }

    enum Event: Sendable {
        case generated(GeneratedGroup)
        case installed(PolicyManifest)
        /// The request is impossible, such as a prompt longer than the context.
        case rejected(GroupID, reason: String)
    }

    /// Readable from any thread while the engine is busy.
    final class Counters: Sendable {
        let tokens = Atomic<UInt64>(0)
    }

    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

    private let generator: Generator
    private let parameters: PolicyBytes
    nonisolated let parameterBytes: Int
    nonisolated let progress: EngineProgress
    nonisolated let counters = Counters()

    /// Commands wait here until the engine is between two tokens.
    private nonisolated let inbox = Mutex<[Command]>([])
    private nonisolated let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    nonisolated let (events, report) = AsyncStream.makeStream(of: Event.self)

    /// - Parameter parameters: The model file's parameters at the configured precision.
    init(
        executor: ThreadExecutor, model: LoadedModel, compute: ComputeConfiguration, lanes: Int,
        parameters: consuming sending PolicyBytes
    ) throws {
        let tokenizer = model.tokenizer
        let generator = try Generator(
            shape: model.file.shape, configuration: compute, lanes: lanes, tokenBytes: { tokenizer.bytes(of: $0) })
        self.executor = executor
        self.progress = generator.progress
        self.parameterBytes = parameters.count
        self.generator = generator
        self.parameters = parameters
    }

    nonisolated func post(_ command: Command) {
        self.inbox.withLock { $0.append(command) }
        self.wake.yield()
    }

    /// Runs until cancelled.
    func run() async throws {
        for await _ in self.wakes {
            while !Task.isCancelled {
                for command in self.takeCommands() { try self.perform(command) }
                if self.generator.isIdle { break }
                for group in try self.generator.step() { self.report.yield(.generated(group)) }
                self.counters.tokens.store(self.generator.tokensGenerated, ordering: .relaxed)
            }
        }
    }

    private func takeCommands() -> [Command] {
        self.inbox.withLock { commands in
            let taken = commands
            commands = []
            return taken
        }
    }

    private func perform(_ command: Command) throws {
        switch command {
        case .generate(let request):
            do { try self.generator.submit(request) } catch {
                self.report.yield(.rejected(request.id, reason: "\(error)"))
            }
        case .cancel(let id):
            self.generator.cancel(id)
        case .write(let chunk, let offset):
            chunk.withUnsafeBytes { self.parameters.write($0, at: offset) }
        case .install(let manifest):
            let weights = try self.parameters.withUnsafeBytes {
                try PolicyWeights(
                    shape: self.generator.shape, precision: manifest.precision, parameters: $0,
                    version: manifest.version, threads: self.generator.configuration.threads)
            }
            self.generator.install(weights)
            self.report.yield(.installed(manifest))
        }
    }
}
