/// Zeroed memory for a kernel, given back with the last reference.
final class Memory {
    let pointer: UnsafeMutableRawPointer

    init(words: Int) {
        self.pointer = .allocate(byteCount: words * 4, alignment: 1 << 21)
        self.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: words * 4)
    }

    deinit { self.pointer.deallocate() }

    var floats: UnsafeMutablePointer<Float> { self.pointer.assumingMemoryBound(to: Float.self) }
}
