import CEADKernels

/// An address in a device's memory: something to hand to an operation or a transfer, and to add an offset to.
///
/// It has neither subscript nor pointee, so the compiler finds whoever would read or write device memory on the host.
struct DevicePointer<Element: BitwiseCopyable>: Hashable, Sendable {
    /// What CEADKernels knows it by; 0 is nowhere.
    let address: ead_address

    init(address: ead_address) { self.address = address }

    /// `count` elements further on.
    static func + (pointer: DevicePointer, count: Int) -> DevicePointer {
        let bytes = count * MemoryLayout<Element>.stride
        return DevicePointer(address: pointer.address &+ ead_address(bitPattern: Int64(bytes)))
    }

    /// The same place as that of elements of another type.
    func rebound<Other>(to type: Other.Type) -> DevicePointer<Other> { DevicePointer<Other>(address: self.address) }
}
