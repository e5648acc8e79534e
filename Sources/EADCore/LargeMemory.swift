import Glibc

extension UnsafeMutableRawBufferPointer {
    /// New memory for the weights of a model, aligned for vector loads; the caller deallocates it.
    ///
    /// Large pieces ask for huge pages: page by page their first use takes longer than writing them.
    package static func allocateWeights(byteCount: Int) -> Self {
        let hugePage = 2 << 20
        let isLarge = byteCount >= 2 * hugePage
        let memory = Self.allocate(byteCount: byteCount, alignment: isLarge ? hugePage : 64)
        // Only advice: without huge pages everything works, more slowly.
        if isLarge { _ = madvise(memory.baseAddress, byteCount, MADV_HUGEPAGE) }
        return memory
    }
}
