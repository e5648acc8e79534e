package import EADCore
package import EADEngine
import EADModels

/// The memory of a worker process, in bytes, from the sizes of the engine's own buffers.
///
/// Not in it: what `LearnerMemory` leaves out, too.
package struct WorkerMemory: Hashable, Sendable {
    /// Weights packed for the products, those in use and the next ones while they are put in their place, and the
    /// published parameters as they arrive.
    package let weights: Int
    /// Keys and values when all lanes are at their longest.
    package let pages: Int
    /// Activations and logits of a pass.
    package let work: Int

    /// What the process needs at its worst moment.
    package var peak: Int { self.weights + self.pages + self.work }

    /// Makes the buffers without writing to them, which takes address space only.
    ///
    /// - Parameter lanes: Responses sampled at a time.
    /// - Throws: `EngineError` for a shape the kernels cannot run, groups longer than the context, and when the system
    ///   refuses even the address space.
    package init(
        shape: ModelShape, configuration: ComputeConfiguration, lanes: Int, groups: GroupSize
    ) throws(EngineError) {
        let tokens = groups.promptTokens + groups.responseTokens
        guard tokens <= shape.contextLength else {
            throw .contextOverflow(tokens: tokens, context: shape.contextLength, place: "the longest response")
        }
        let generator = try Generator(shape: shape, configuration: configuration, lanes: lanes, tokenBytes: { _ in [] })
        try generator.reserve()
        let panels = try WeightPanels(shape: shape, precision: configuration.precision)
        let perGroup = generator.pages.bytes(
            promptTokens: groups.promptTokens, responses: min(lanes, groups.responses),
            responseTokens: groups.responseTokens)
        self.weights = 2 * panels.bytes + panels.layout.count * configuration.precision.bytesPerParameter
        self.pages = (lanes + groups.responses - 1) / groups.responses * perGroup
        self.work = generator.workBytes
    }
}
