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

    /// Makes the buffers without writing to them, which takes address space only.
    ///
    /// - Parameters:
    ///   - hasReference: whether a KL term keeps the weights of the model file.
    ///   - hasEntropyBonus: whether the gradient of the entropy is kept.
    /// - Throws: `EngineError` for a shape the kernels cannot run, groups longer than the context, and when the system
    ///   refuses even the address space.
    package init(
        shape: ModelShape, configuration: ComputeConfiguration, groups: GroupSize, hasReference: Bool = false,
        hasEntropyBonus: Bool = false
    ) throws(EngineError) {
        let trainer = try Trainer(allocating: shape, configuration)
        let batch = try groups.microBatch(shape)
        try trainer.reserve(for: batch, parts: hasEntropyBonus ? [.gradient, .entropies] : .gradient)
        let pages = trainer.pages.bytes(
            promptTokens: groups.promptTokens, responses: groups.responses, responseTokens: groups.responseTokens)
        self.gradients = trainer.gradient.bytes
        self.state = trainer.stateBytes - trainer.gradient.bytes
        self.panels = trainer.panelBytes + (hasReference ? trainer.weights.bytes : 0)
        self.batch = trainer.batchBytes + batch.groups.count * pages
        self.publication = trainer.layout.count * configuration.precision.bytesPerParameter
    }
}
