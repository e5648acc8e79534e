import EADEngine

/// Arrays of one pass that go to the device together: tokens, segments, page tables, indices, factors.
///
/// What was added before belongs to the pass before as soon as `begin` is called.
final class UploadBuffer {
    private let compute: Compute
    private var memory: DeviceBuffer
    private var staged: [UInt8] = []

    init(_ compute: Compute) throws(EngineError) {
        self.compute = compute
        self.memory = try DeviceBuffer(compute.device, bytes: 0)
    }

    /// The room that an array takes, so that the next one is aligned.
    static func bytes<Element>(_ type: Element.Type, count: Int) -> Int {
        (count * MemoryLayout<Element>.stride + 7) / 8 * 8
    }

    /// Makes room for so many bytes.
    func reserve(bytes: Int) throws(EngineError) {
        // Page tables grow with every page of every sequence: not one by one.
        if self.memory.bytes < bytes { self.memory = try DeviceBuffer(self.compute.device, bytes: 2 * bytes) }
    }

    /// Begins anew, with room for so many bytes.
    func begin(bytes: Int) throws(EngineError) {
        try self.reserve(bytes: bytes)
        self.staged.removeAll(keepingCapacity: true)
    }

    /// Where the array will be.
    func add<Element: BitwiseCopyable>(_ values: [Element]) -> DevicePointer<Element> {
        let place = self.memory.pointer(to: UInt8.self) + self.staged.count
        values.withUnsafeBytes { self.staged.append(contentsOf: $0) }
        let padding = Self.bytes(Element.self, count: values.count) - values.count * MemoryLayout<Element>.stride
        for _ in 0..<padding { self.staged.append(0) }
        precondition(self.staged.count <= self.memory.bytes, "room for all arrays was made")
        return place.rebound(to: Element.self)
    }

    /// Takes everything across.
    func upload() { self.compute.upload(self.staged, to: self.memory.pointer(to: UInt8.self)) }
}
