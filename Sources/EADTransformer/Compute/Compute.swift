import CEADKernels
import EADCore
import EADEngine

/// A thread pool with the kernels of one CPU variant; used by one thread at a time.
final class Compute {
    let pointer: OpaquePointer
    let variant: CPUVariant
    let threads: Int

    init(threads: Int, variant: CPUVariant? = nil) throws(EngineError) {
        let variant = if let variant { variant } else { try CPUVariant.chosen() }
        guard let pointer = ead_compute_create(Int32(threads), variant.code, 1 << 16) else {
            throw .outOfResources("\(threads) threads")
        }
        self.pointer = pointer
        self.variant = variant
        self.threads = threads
    }

    deinit { ead_compute_destroy(self.pointer) }

    /// Makes every thread's scratch memory at least this large.
    func reserve(_ bytes: Int) throws(EngineError) {
        guard ead_compute_reserve(self.pointer, bytes) == 0 else {
            throw .outOfResources("\(bytes) bytes of scratch memory per thread")
        }
    }

    func zero(_ memory: UnsafeMutableRawPointer, bytes: Int) { ead_zero(self.pointer, memory, bytes) }
}

extension Precision {
    /// The flag the kernels take.
    var isBF16: Int32 { self == .bf16 ? 1 : 0 }

    /// 32-bit units that hold `count` elements (see CEADKernels.h).
    func units(_ count: Int) -> Int { self == .bf16 ? (count + 1) / 2 : count }
}
