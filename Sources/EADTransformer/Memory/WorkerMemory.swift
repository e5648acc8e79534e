package import EADCore
package import EADEngine
import EADModels

/// The memory of a worker process, in bytes, from the sizes of the engine's own buffers.
///
/// Not in it: what `LearnerMemory` leaves out, too.
package struct WorkerMemory: Hashable, Sendable {
    /// Weights of all resident versions packed for the products, and the published parameters as they arrive.
    package let weights: Int
    /// Keys and values when all lanes are at their longest.
    package let pages: Int
    /// Activations and logits of a pass.
    package let work: Int

    /// What the process needs at its worst moment.
    package var peak: Int { self.weights + self.pages + self.work }

    /// Has a generator make its buffers on a device that only counts.
    ///
    /// - Parameters:
    ///   - lanes: Responses sampled at a time.
    ///   - versions: Policies that are resident at a time.
    /// - Throws: `EngineError` for a shape the kernels cannot run and for groups longer than the context.
    package init(
        shape: ModelShape, configuration: ComputeConfiguration, lanes: Int, versions: Int, groups: GroupSize
    ) throws(EngineError) {
        let tokens = groups.promptTokens + groups.responseTokens
        guard tokens <= shape.contextLength else {
            throw .contextOverflow(tokens: tokens, context: shape.contextLength, place: "the longest response")
        }
        let device = try Device.counting()
        let generator = try Generator(
            shape: shape, configuration: configuration, lanes: lanes, device: device, tokenBytes: { _ in [] })
        try generator.reserve()
        self.work = device.allocated
        let panels = try WeightPanels(shape: shape, precision: configuration.precision, device)
        let panelBytes = device.allocated - self.work
        let perGroup = generator.pages.bytes(
            promptTokens: groups.promptTokens, responses: min(lanes, groups.responses),
            responseTokens: groups.responseTokens)
        self.weights = versions * panelBytes + panels.layout.count * configuration.precision.bytesPerParameter
        self.pages = (lanes + groups.responses - 1) / groups.responses * perGroup
    }
}
