import EADEngine
import Glibc

/// Zeroed memory from the system, aligned to pages and given back when the last reference goes.
///
/// Large buffers ask for huge pages: weights and key/value pages are walked with strides that small ones are bad at.
final class AlignedBuffer {
    let pointer: UnsafeMutableRawPointer
    let bytes: Int

    init(bytes: Int) throws(EngineError) {
        let huge = 2 << 20
        let rounded = max((bytes + 4095) / 4096 * 4096, 4096)
        // Room to start at a multiple of a huge page.
        let length = rounded >= huge ? rounded + huge : rounded
        guard let base = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            base != MAP_FAILED
        else { throw .outOfResources("\(bytes) bytes of memory") }
        if rounded >= huge {
            let address = (Int(bitPattern: base) + huge - 1) / huge * huge
            self.pointer = base + (address - Int(bitPattern: base))
            #if os(Linux)
                // Only advice: without huge pages everything works, more slowly.
                _ = madvise(self.pointer, rounded, MADV_HUGEPAGE)
            #endif
        } else {
            self.pointer = base
        }
        self.bytes = bytes
        self.base = base
        self.length = length
    }

    private let base: UnsafeMutableRawPointer
    private let length: Int

    deinit { munmap(self.base, self.length) }

    var floats: UnsafeMutablePointer<Float> { self.pointer.assumingMemoryBound(to: Float.self) }
    var units: UnsafeMutablePointer<UInt32> { self.pointer.assumingMemoryBound(to: UInt32.self) }

    /// Of `count` elements of a trivial type.
    convenience init<Element: BitwiseCopyable>(_ type: Element.Type, count: Int) throws(EngineError) {
        try self.init(bytes: count * MemoryLayout<Element>.stride)
    }
}
