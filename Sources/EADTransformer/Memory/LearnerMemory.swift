package import EADCore
package import EADEngine
import EADModels

/// The memory of a learner process, in bytes, from the sizes of the engine's own buffers.
///
/// Not in it: the program, its libraries and the tokenizer (some 50 MB), rollouts, and the mapped model file, which the
/// system can drop.
package struct LearnerMemory: Hashable, Sendable {
    /// Master weights and two moments in f32, and as much again while a checkpoint is loaded.
    package let state: Int
    /// Gradients in f32.
    package let gradients: Int
    /// Weights packed for the products, those of a KL term included.
    package let panels: Int
    /// Activations, logits, keys and values of the largest micro-batch.
    package let batch: Int
    /// One published version; the next is written in its place.
    package let publication: Int

    /// What the process needs at its worst moment: loading a checkpoint, or training.
    ///
    /// A worker that is still being sent the version before keeps it in memory as well.
    package var peak: Int {
        let held = self.state + self.panels
        return max(held + self.state, held + self.gradients + self.batch + self.publication)
    }

    /// Has a trainer do what it will do, on a device that only counts.
    ///
    /// - Parameters:
    ///   - hasReference: whether a KL term keeps the weights of the model file.
    ///   - hasEntropyBonus: whether the gradient of the entropy is kept.
    /// - Throws: `EngineError` for a shape the kernels cannot run and for groups longer than the context.
    package init(
        shape: ModelShape, configuration: ComputeConfiguration, groups: GroupSize, hasReference: Bool = false,
        hasEntropyBonus: Bool = false
    ) throws(EngineError) {
        let packing = try Device.counting()
        let weights = try WeightPanels(shape: shape, precision: configuration.precision, packing)
        let reference = packing.allocated
        let transposed = try TransposedPanels(weights, packing)
        let packed = withExtendedLifetime(transposed) { packing.allocated }
        let training = try Device.counting()
        let trainer = try Trainer(zeroed: shape, configuration, training)
        try trainer.rehearse(
            try groups.microBatch(shape, rowLimit: configuration.rowLimit).source, hasEntropyBonus: hasEntropyBonus)
        let array = trainer.layout.count * MemoryLayout<Float>.stride
        self.gradients = array
        self.state = 3 * array
        self.panels = packed + (hasReference ? reference : 0)
        self.batch = withExtendedLifetime(trainer) { training.allocated } - packed - 4 * array
        self.publication = trainer.layout.count * configuration.precision.bytesPerParameter
    }
}
