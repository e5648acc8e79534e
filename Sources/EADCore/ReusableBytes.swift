/// Memory for bytes that replace one another, such as the versions of a policy.
///
/// It holds on to what it wrote last, and writes there again once nobody else has it: the system takes longer to hand out
/// fresh memory than it takes to write it.
package struct ReusableBytes: Sendable {
    private var memory: OwnedMemory?

    package init() {}

    /// `count` bytes, all of which `fill` writes; in new memory when the count differs from the last, or when somebody
    /// still has the bytes written last or a slice of them.
    package mutating func write<E: Error>(
        count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void
    ) throws(E) -> SharedBytes {
        if self.memory?.buffer.count != count || !isKnownUniquelyReferenced(&self.memory) { self.memory = nil }
        let memory = self.memory ?? OwnedMemory(count: count)
        self.memory = memory
        try fill(memory.buffer)
        return SharedBytes(UnsafeRawBufferPointer(memory.buffer), keepingAlive: memory)
    }
}
