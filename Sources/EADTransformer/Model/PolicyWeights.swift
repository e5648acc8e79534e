import CEADKernels
package import EADCore
package import EADEngine
import EADModels

/// The weights of one policy version, packed for generation; never changed after creation.
package final class PolicyWeights {
    package let shape: ModelShape
    package let precision: Precision
    package let version: PolicyVersion
    let panels: WeightPanels
    /// Where the panels are, in the form that its kernels read.
    let device: Device

    /// Packs published parameters.
    ///
    /// - Parameters:
    ///   - parameters: `ParameterLayout(shape)` order, bf16 or f32 elements by `precision`; copied.
    ///   - threads: Threads that check and pack.
    /// - Throws: `EngineError` for another size, for NaN or infinity (naming the tensor), for a shape the kernels
    ///   cannot run and when memory runs out.
    package convenience init(
        shape: ModelShape, precision: Precision, parameters: UnsafeRawBufferPointer, version: PolicyVersion,
        threads: Int = 1
    ) throws(EngineError) {
        let compute = try Compute(Device(), threads: threads)
        try self.init(shape: shape, precision: precision, parameters: parameters, version: version, compute)
    }

    init(
        shape: ModelShape, precision: Precision, parameters: UnsafeRawBufferPointer, version: PolicyVersion,
        _ compute: Compute
    ) throws(EngineError) {
        try shape.checkSupported()
        let layout = ParameterLayout(shape)
        let expected = layout.count * precision.bytesPerParameter
        guard parameters.count == expected else {
            throw .parameterSize(expectedBytes: expected, actualBytes: parameters.count)
        }
        let panels = try WeightPanels(shape: shape, precision: precision, compute.device)
        try compute.withStaged(parameters.bindMemory(to: UInt8.self)) { published throws(EngineError) in
            try layout.checkFinite(
                compute, published, precision: precision, place: "weights of policy version \(version)")
            panels.pack(compute, published: published)
        }
        self.shape = shape
        self.precision = precision
        self.version = version
        self.panels = panels
        self.device = compute.device
    }
}

extension ParameterLayout {
    /// Names the first tensor that holds NaN or infinity.
    func checkFinite(
        _ compute: Compute, _ elements: DevicePointer<UInt8>, precision: Precision, place: String
    ) throws(EngineError) {
        if compute.isFinite(elements.address, count: self.count, precision) { return }
        for entry in self.entries {
            let start = elements + entry.offset * precision.bytesPerParameter
            if !compute.isFinite(start.address, count: entry.count, precision) {
                throw .nonFinite(what: entry.name, place: place)
            }
        }
    }
}
