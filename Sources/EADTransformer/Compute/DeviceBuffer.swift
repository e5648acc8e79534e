import CEADKernels
import EADEngine

/// Zeroed memory of a device, given back when the last reference goes.
final class DeviceBuffer {
    let bytes: Int
    private let device: Device
    private let address: ead_address

    /// No memory is taken for no bytes.
    init(_ device: Device, bytes: Int) throws(EngineError) {
        self.address = bytes > 0 ? ead_allocate(device.pointer, bytes) : 0
        guard self.address != 0 || bytes == 0 else { throw .outOfResources("\(bytes) bytes of memory") }
        self.device = device
        self.bytes = bytes
    }

    /// Of `count` elements of a type.
    convenience init<Element: BitwiseCopyable>(
        _ device: Device, _ type: Element.Type, count: Int
    ) throws(EngineError) {
        try self.init(device, bytes: count * MemoryLayout<Element>.stride)
    }

    deinit { ead_free(self.device.pointer, self.address) }

    var floats: DevicePointer<Float> { DevicePointer(address: self.address) }
    var units: DevicePointer<UInt32> { DevicePointer(address: self.address) }

    func pointer<Element>(to type: Element.Type) -> DevicePointer<Element> { DevicePointer(address: self.address) }
}
