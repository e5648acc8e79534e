import Glibc

/// Immutable bytes that are passed between threads, and to and from libzmq, without copying.
///
/// Copies share the memory, which is given back when the last of them is gone.
package struct SharedBytes: @unchecked Sendable {
    // Unchecked because of the pointer: the memory behind it is never written after `init` and lives as long as `owner`.
    private let start: UnsafeRawPointer?
    package let count: Int
    package let owner: any AnyObject & Sendable

    /// A copy of `bytes`.
    package init(_ bytes: some Collection<UInt8>) {
        self.init(count: bytes.count) { buffer in
            _ = buffer.initializeMemory(as: UInt8.self, from: bytes)
        }
    }

    /// `count` new bytes, which `fill` writes once; they are zero where it does not.
    package init<E: Error>(count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void) throws(E) {
        let memory = OwnedMemory(count: count)
        try fill(memory.buffer)
        self.init(UnsafeRawBufferPointer(memory.buffer), keepingAlive: memory)
    }

    /// Bytes that belong to `owner`, such as a mapped file.
    ///
    /// - Important: they must not change, and must stay valid as long as `owner` lives. `owner` may be released on
    ///   any thread, also libzmq's; its `deinit` must do nothing but free.
    package init(_ bytes: UnsafeRawBufferPointer, keepingAlive owner: any AnyObject & Sendable) {
        self.start = bytes.baseAddress
        self.count = bytes.count
        self.owner = owner
    }

    /// The bytes `range` of these, sharing their memory.
    package func slice(_ range: Range<Int>) -> SharedBytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= self.count, "a slice lies within its bytes")
        return self.withUnsafeBytes { bytes in
            SharedBytes(UnsafeRawBufferPointer(rebasing: bytes[range]), keepingAlive: self.owner)
        }
    }

    /// Calls `body` with the bytes; the pointer is valid only during the call.
    package func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        defer { withExtendedLifetime(self.owner) {} }
        return try body(UnsafeRawBufferPointer(start: self.start, count: self.count))
    }

    /// A copy as an array.
    package var array: [UInt8] { self.withUnsafeBytes { Array($0) } }
}

extension SharedBytes: Hashable {
    package static func == (lhs: SharedBytes, rhs: SharedBytes) -> Bool {
        lhs.withUnsafeBytes { left in
            rhs.withUnsafeBytes { right in
                guard left.count == right.count, let left = left.baseAddress, let right = right.baseAddress else {
                    return left.count == right.count
                }
                return memcmp(left, right, lhs.count) == 0
            }
        }
    }

    package func hash(into hasher: inout Hasher) {
        self.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

/// Memory of this process's own.
///
/// Unchecked because of the buffer: written only by the initialiser of `SharedBytes` that makes it, and by `ReusableBytes`
/// when nobody else has it.
final class OwnedMemory: @unchecked Sendable {
    let buffer: UnsafeMutableRawBufferPointer

    init(count: Int) {
        self.buffer = .allocateWeights(byteCount: count)
        self.buffer.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit { self.buffer.deallocate() }
}
