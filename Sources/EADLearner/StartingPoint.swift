import EADConfiguration
import EADCore
import EADEngine
import EADModels
import EADRuntime
import Glibc
import Logging

/// The weights a learner starts with: those of a checkpoint, or the model file's.
struct StartingPoint: ~Copyable {
    private let memory: UnsafeMutableBufferPointer<Float>
    private let count: Int
    /// Nil when the weights are the model file's.
    let checkpoint: Checkpoint?

    /// The newest intact checkpoint, or the model file.
    /// - Throws: `ModelFileError`, `CheckpointError`, or `RoleFailure` when the checkpoint is of another configuration.
    init(file: ModelFile, store: CheckpointStore, context: RoleContext) throws {
        try self.init(count: file.layout.count) { parameters, first, second in
            let found = try store.restore(
                file.layout, parameters: parameters, firstMoments: first, secondMoments: second)
            for broken in found?.broken ?? [] { context.logger.warning("checkpoint ignored: \(broken)") }
            guard let checkpoint = found?.checkpoint else {
                try file.readParameters(into: parameters, threads: context.configuration.learner.threads)
                return nil
            }
            try context.requireConfiguration(of: checkpoint)
            context.logger.info("restored \(checkpoint.path)")
            return checkpoint
        }
    }

    /// A checkpoint of the file's model, or without one the file.
    /// - Throws: `ModelFileError` or `CheckpointError`.
    init(file: ModelFile, checkpoint: Checkpoint?, threads: Int) throws {
        try self.init(count: file.layout.count) { parameters, first, second in
            guard let checkpoint else {
                try file.readParameters(into: parameters, threads: threads)
                return nil
            }
            try checkpoint.readParameters(file.layout, into: parameters)
            try checkpoint.readMoments(file.layout, first: first, second: second)
            return checkpoint
        }
    }

    /// - Parameter fill: Writes weights and moments, which are zero before, and says which checkpoint they are of.
    private init(
        count: Int,
        _ fill: (
            _ parameters: UnsafeMutableBufferPointer<Float>, _ first: UnsafeMutableBufferPointer<Float>,
            _ second: UnsafeMutableBufferPointer<Float>
        ) throws -> Checkpoint?
    ) throws {
        // Zeroed without being touched: the moments of a run without a checkpoint are zero.
        guard let zeros = calloc(3 * count, MemoryLayout<Float>.stride) else {
            throw RoleFailure(
                .io,
                "the system refused \(3 * count * 4) bytes of memory for weights and moments; ead-ctl doctor adds up what "
                    + "this host needs")
        }
        let memory = UnsafeMutableBufferPointer(
            start: zeros.bindMemory(to: Float.self, capacity: 3 * count), count: 3 * count)
        func part(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
            UnsafeMutableBufferPointer(rebasing: memory[index * count..<(index + 1) * count])
        }
        let checkpoint: Checkpoint?
        do { checkpoint = try fill(part(0), part(1), part(2)) } catch {
            free(memory.baseAddress)
            throw error
        }
        self.count = count
        self.memory = memory
        self.checkpoint = checkpoint
    }

    deinit { free(self.memory.baseAddress) }

    var parameters: UnsafeBufferPointer<Float> { self.part(0) }

    /// Borrowed from this value.
    var state: TrainingState {
        TrainingState(
            parameters: self.part(0), firstMoments: self.part(1), secondMoments: self.part(2),
            updates: Int(self.checkpoint?.state.updates ?? 0))
    }

    private func part(_ index: Int) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(rebasing: self.memory[index * self.count..<(index + 1) * self.count])
    }
}

extension OptimizerConfiguration {
    init(_ training: TrainingConfiguration) {
        self.init(
            learningRate: Float(training.learningRate), beta1: Float(training.beta1), beta2: Float(training.beta2),
            epsilon: Float(training.epsilon), weightDecay: Float(training.weightDecay),
            gradientClip: Float(training.gradientClip))
    }
}
