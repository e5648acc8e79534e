import EADConfiguration
import EADCore
import EADEngine
import EADModels
import EADRuntime
import Logging

extension StartingPoint {
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
}

extension OptimizerConfiguration {
    init(_ training: TrainingConfiguration) {
        self.init(
            learningRate: Float(training.learningRate), beta1: Float(training.beta1), beta2: Float(training.beta2),
            epsilon: Float(training.epsilon), weightDecay: Float(training.weightDecay),
            gradientClip: Float(training.gradientClip))
    }
}
