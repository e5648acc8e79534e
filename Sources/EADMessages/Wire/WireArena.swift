import CEADMessages

/// Where the C structures of one envelope live while it is encoded or decoded.
struct WireArena: ~Copyable {
    private let arena: OpaquePointer

    /// An arena that hands out at most `limit` bytes.
    init(limit: Int) {
        guard let arena = ead_arena_create(limit) else { preconditionFailure("out of memory") }
        self.arena = arena
    }

    deinit { ead_arena_destroy(self.arena) }

    var allocator: UnsafeMutablePointer<ProtobufCAllocator>? { ead_arena_allocator(self.arena) }

    /// Whether the limit stopped an allocation.
    var isExhausted: Bool { ead_arena_is_exhausted(self.arena) }

    /// Bytes handed out.
    var used: Int { ead_arena_used(self.arena) }

    /// A filled C structure; it and what it points to live as long as the arena.
    func message<M: WireMessage>(_ value: M) -> UnsafeMutablePointer<M.Wire> {
        let wire = self.allocate(M.Wire.self, count: 1)
        M.prepare(wire)
        value.fill(&wire.pointee, in: self)
        return wire
    }

    /// The form of a `repeated` message field.
    func messages<M: WireMessage>(_ values: [M]) -> UnsafeMutablePointer<UnsafeMutablePointer<M.Wire>?> {
        let list = self.allocate(UnsafeMutablePointer<M.Wire>?.self, count: values.count)
        for (index, value) in values.enumerated() {
            (list + index).initialize(to: self.message(value))
        }
        return list
    }

    /// The form of a `repeated` number field.
    func numbers<T: BitwiseCopyable>(_ values: [T]) -> UnsafeMutablePointer<T> {
        let copy = self.allocate(T.self, count: values.count)
        values.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { copy.initialize(from: start, count: source.count) }
        }
        return copy
    }

    func bytes(_ values: [UInt8]) -> ProtobufCBinaryData {
        ProtobufCBinaryData(len: values.count, data: self.numbers(values))
    }

    func text(_ value: String) -> ProtobufCBinaryData {
        self.bytes(Array(value.utf8))
    }

    private func allocate<T>(_ type: T.Type, count: Int) -> UnsafeMutablePointer<T> {
        guard let raw = ead_arena_allocate(self.arena, count * MemoryLayout<T>.stride) else {
            preconditionFailure("out of memory while encoding a message")
        }
        return raw.bindMemory(to: type, capacity: max(count, 1))
    }
}
