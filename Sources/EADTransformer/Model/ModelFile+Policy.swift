import EADCore
package import EADEngine
package import EADModels

extension ModelFile {
    /// The file's weights packed for generation, as policy version 0.
    /// - Throws: as `readPolicy`.
    package func policyWeights(_ configuration: ComputeConfiguration) throws -> PolicyWeights {
        let bytes = UnsafeMutableRawBufferPointer.allocateWeights(
            byteCount: self.layout.count * configuration.precision.bytesPerParameter)
        defer { bytes.deallocate() }
        try self.readPolicy(into: bytes, precision: configuration.precision, threads: configuration.threads)
        return try PolicyWeights(
            shape: self.shape, precision: configuration.precision, parameters: UnsafeRawBufferPointer(bytes),
            version: PolicyVersion(0), threads: configuration.threads)
    }
}
