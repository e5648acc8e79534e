import CEADKernels
import EADCore
package import EADEngine
package import EADModels

extension Checkpoint {
    /// The checkpoint's weights packed for generation, as the version that the learner published then.
    ///
    /// - Parameter layout: that of the model file the run started from.
    /// - Throws: `CheckpointError` when the weights are damaged or of another model, `EngineError` when memory runs out.
    package func policyWeights(_ layout: ParameterLayout, _ configuration: ComputeConfiguration) throws -> PolicyWeights
    {
        let parameters = UnsafeMutableRawBufferPointer.allocateWeights(
            byteCount: layout.count * MemoryLayout<Float>.stride
        ).bindMemory(to: Float.self)
        defer { parameters.deallocate() }
        try self.readParameters(layout, into: parameters)
        let version = self.state.step.startVersion
        var published = UnsafeRawBufferPointer(parameters)
        var rounded: UnsafeMutableBufferPointer<UInt16>?
        defer { rounded?.deallocate() }
        if configuration.precision == .bf16, let base = parameters.baseAddress {
            let buffer = UnsafeMutableRawBufferPointer.allocateWeights(
                byteCount: layout.count * MemoryLayout<UInt16>.stride
            ).bindMemory(to: UInt16.self)
            rounded = buffer
            let compute = try Compute(Device(), threads: configuration.threads)
            ead_to_bf16(compute.pointer, base, buffer.baseAddress, layout.count)
            published = UnsafeRawBufferPointer(buffer)
        }
        return try PolicyWeights(
            shape: layout.shape, precision: configuration.precision, parameters: published, version: version,
            threads: configuration.threads)
    }
}
