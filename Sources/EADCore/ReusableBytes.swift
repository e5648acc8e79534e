/// Memory for bytes that replace one another, such as the versions of a policy.
///
/// It holds on to what it wrote last, and writes there again once nobody else has it: the system takes longer to hand out
/// fresh memory than it takes to write it.
package struct ReusableBytes: Sendable {
    private var memory: OwnedMemory?

    package init() {}

    /// `count` bytes, all of which `fill` writes; in new memory when the count differs from the last, or when somebody
    /// still has the bytes written last or a slice of them.
    ///
    /// - Parameter fill: Takes the bytes written last, nil when they were not as many, and the place to write to, which may
    ///   be theirs.
    package mutating func write<E: Error>(
        count: Int, _ fill: (UnsafeRawBufferPointer?, UnsafeMutableRawBufferPointer) throws(E) -> Void
    ) throws(E) -> SharedBytes {
        if self.memory?.buffer.count != count { self.memory = nil }
        let isFree = isKnownUniquelyReferenced(&self.memory)
        let last = self.memory
        let memory = isFree ? last ?? OwnedMemory(count: count) : OwnedMemory(count: count)
        self.memory = memory
        try fill(last.map { UnsafeRawBufferPointer($0.buffer) }, memory.buffer)
        withExtendedLifetime(last) {}
        return SharedBytes(UnsafeRawBufferPointer(memory.buffer), keepingAlive: memory)
    }
}
