import EADCore
import EADEngine
import EADModels

/// The flat parameters of a policy in one fixed allocation, written chunk by chunk.
///
/// Unchecked because its memory is a pointer: of which it is the only owner, for it cannot be copied.
struct PolicyBytes: ~Copyable, @unchecked Sendable {
    private let memory: UnsafeMutableRawBufferPointer

    /// Allocates `count` bytes, aligned for vector loads.
    init(count: Int) {
        self.memory = .allocateWeights(byteCount: count)
    }

    /// The parameters of a model file, as version 0 publishes them.
    init(_ file: ModelFile, precision: Precision, threads: Int) throws {
        self.init(count: file.layout.count * precision.bytesPerParameter)
        try self.withUnsafeMutableBytes {
            try file.readPolicy(into: $0, precision: precision, threads: threads)
        }
    }

    deinit { self.memory.deallocate() }

    var count: Int { self.memory.count }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        precondition(offset >= 0 && offset + bytes.count <= self.memory.count, "a chunk lies inside the parameters")
        UnsafeMutableRawBufferPointer(rebasing: self.memory[offset..<offset + bytes.count]).copyMemory(from: bytes)
    }

    func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(self.memory))
    }

    func withUnsafeMutableBytes<Result>(
        _ body: (UnsafeMutableRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try body(self.memory)
    }
}
