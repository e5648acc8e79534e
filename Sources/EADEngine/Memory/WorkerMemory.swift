public import EADCore

/// The memory of a worker process, in bytes, from the sizes of the engine's own buffers.
///
/// Not in it: what `LearnerMemory` leaves out, too.
public struct WorkerMemory: Hashable, Sendable {
    /// Weights packed for the products, those in use and the next ones while they are put in their place, and the
    /// published parameters as they arrive.
    public let weights: Int
    /// Keys and values when all slots are at their longest.
    public let pages: Int
    /// Activations and logits of a pass.
    public let work: Int

    /// What the process needs at its worst moment.
    public var peak: Int { self.weights + self.pages + self.work }

    /// Makes the buffers without writing to them, which takes address space only.
    ///
    /// - Parameter slots: Responses sampled at a time.
    /// - Throws: `EngineError` for a shape the kernels cannot run, groups longer than the context, and when the system
    ///   refuses even the address space.
    public init(
        shape: ModelShape, configuration: ComputeConfiguration, slots: Int, groups: GroupSize
    ) throws(EngineError) {
        let tokens = groups.promptTokens + groups.responseTokens
        guard tokens <= shape.contextLength else {
            throw .contextOverflow(tokens: tokens, context: shape.contextLength, place: "the longest response")
        }
        let generator = try Generator(shape: shape, configuration: configuration, slots: slots, tokenBytes: { _ in [] })
        try generator.reserve()
        let panels = try WeightPanels(shape: shape, precision: configuration.precision)
        let perGroup = generator.pages.bytes(
            promptTokens: groups.promptTokens, responses: min(slots, groups.responses),
            responseTokens: groups.responseTokens)
        self.weights = 2 * panels.bytes + panels.layout.count * configuration.precision.bytesPerParameter
        self.pages = (slots + groups.responses - 1) / groups.responses * perGroup
        self.work = generator.workBytes
    }
}
