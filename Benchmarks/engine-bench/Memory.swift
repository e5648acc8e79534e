import CEADKernels

/// Zeroed memory of a device for a kernel, given back with the last reference.
final class Memory {
    let address: ead_address
    private let device: OpaquePointer

    init(_ device: OpaquePointer, words: Int) throws {
        self.address = ead_allocate(device, words * 4)
        guard self.address != 0 else { throw EngineBenchError.outOfMemory }
        self.device = device
    }

    deinit { ead_free(self.device, self.address) }

    /// Fills it from the front.
    func upload<Element: BitwiseCopyable>(_ values: [Element], _ compute: OpaquePointer) {
        values.withUnsafeBytes { ead_upload(compute, $0.baseAddress, self.address, $0.count) }
    }
}
