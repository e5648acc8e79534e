import EADCore
import EADMessages
import Synchronization

/// The flat parameters of the mirrored policy, which one thread writes and another reads.
///
/// The worker's state has one of them use it at a time: what is being installed is not written, so nobody waits.
final class PolicyMirror: Sendable {
    private let bytes: Mutex<PolicyBytes>

    init(_ bytes: consuming sending PolicyBytes) { self.bytes = Mutex(bytes) }

    func write(_ chunk: SharedBytes, at offset: Int) {
        self.bytes.withLock { bytes in chunk.withUnsafeBytes { bytes.write($0, at: offset) } }
    }

    /// As `PolicyBytes.apply`.
    func apply(_ deltas: [[SharedBytes]], makingChunksOf manifest: PolicyManifest) -> [[UInt8]] {
        self.bytes.withLock { $0.apply(deltas, makingChunksOf: manifest) }
    }

    func withUnsafeBytes<Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure) {
        try self.bytes.withLock { bytes throws(Failure) in try bytes.withUnsafeBytes(body) }
    }
}
