import CEADKernels
public import EADCore

extension ModelFile {
    /// The file's weights packed for generation, as policy version 0.
    /// - Throws: as `readPolicy`.
    public func policyWeights(_ configuration: ComputeConfiguration) throws -> PolicyWeights {
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: self.layout.count * configuration.precision.bytesPerParameter, alignment: 64)
        defer { bytes.deallocate() }
        try self.readPolicy(into: bytes, precision: configuration.precision, threads: configuration.threads)
        return try PolicyWeights(
            shape: self.shape, precision: configuration.precision, parameters: UnsafeRawBufferPointer(bytes),
            version: PolicyVersion(0), threads: configuration.threads)
    }

    /// Reads the parameters in the form in which policy version 0 is published.
    ///
    /// - Parameters:
    ///   - destination: `layout.count` elements in layout order, bf16 (rounded to nearest even) or f32 by `precision`.
    /// - Throws: `ModelFileError` when a tensor cannot be read, `EngineError` when memory runs out.
    public func readPolicy(
        into destination: UnsafeMutableRawBufferPointer, precision: Precision, threads: Int
    ) throws {
        let count = self.layout.count
        precondition(destination.count == count * precision.bytesPerParameter, "the destination holds all parameters")
        guard precision == .bf16 else {
            return try self.readParameters(into: destination.bindMemory(to: Float.self))
        }
        let parameters = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
        defer { parameters.deallocate() }
        try self.readParameters(into: parameters)
        let compute = try Compute(threads: threads)
        let units = UnsafeMutableRawBufferPointer.allocate(byteCount: (count + 1) / 2 * 4, alignment: 64)
        defer { units.deallocate() }
        ead_convert(
            compute.pointer,
            ead_convert_args(
                x: parameters.baseAddress, x_stride: count, out: units.baseAddress,
                out_stride: (count + 1) / 2, rows: 1, columns: count, bf16: 1))
        destination.copyMemory(from: UnsafeRawBufferPointer(rebasing: units[0..<destination.count]))
    }
}
