import EADConfiguration
import EADCore
import EADEngine
import EADModels
import EADRuntime
import Glibc
import Logging

/// The weights a learner starts with: the newest intact checkpoint, or the model file.
struct StartingPoint: ~Copyable {
    private let memory: UnsafeMutableBufferPointer<Float>
    private let count: Int
    /// Nil when the weights are the model file's.
    let checkpoint: Checkpoint?

    /// - Throws: `ModelFileError`, `CheckpointError`, or `RoleFailure` when the checkpoint is of another configuration.
    init(file: ModelFile, store: CheckpointStore, context: RoleContext) throws {
        let count = file.layout.count
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
        do {
            let found = try store.restore(
                file.layout, parameters: part(0), firstMoments: part(1), secondMoments: part(2))
            for broken in found?.broken ?? [] { context.logger.warning("checkpoint ignored: \(broken)") }
            if let checkpoint = found?.checkpoint {
                try context.requireConfiguration(of: checkpoint)
                context.logger.info("restored \(checkpoint.path)")
            } else {
                try file.readParameters(into: part(0), threads: context.configuration.learner.threads)
            }
            checkpoint = found?.checkpoint
        } catch {
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
