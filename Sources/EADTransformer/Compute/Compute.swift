import CEADKernels
import EADCore
import EADEngine

/// A thread pool with the kernels of one CPU variant; used by one thread at a time.
final class Compute {
    let pointer: OpaquePointer
    private let device: OpaquePointer
    /// What operations set when they find NaN or infinity.
    private let fault: AlignedBuffer
    let variant: CPUVariant
    let threads: Int

    init(threads: Int, variant: CPUVariant? = nil) throws(EngineError) {
        let variant = if let variant { variant } else { try CPUVariant.chosen() }
        let options = ead_device_options(variant: variant.code, counts: 0, bias: 0)
        guard let device = ead_device_open(options) else { throw .outOfResources("a device") }
        guard let pointer = ead_compute_create(device, Int32(threads), 1 << 16) else {
            ead_device_close(device)
            throw .outOfResources("\(threads) threads")
        }
        do throws(EngineError) { self.fault = try AlignedBuffer(bytes: 64) } catch {
            ead_compute_destroy(pointer)
            ead_device_close(device)
            throw error
        }
        self.device = device
        self.pointer = pointer
        self.variant = variant
        self.threads = threads
    }

    deinit {
        ead_compute_destroy(self.pointer)
        ead_device_close(self.device)
    }

    /// Makes every thread's scratch memory at least this large.
    func reserve(_ bytes: Int) throws(EngineError) {
        guard ead_compute_reserve(self.pointer, bytes) == 0 else {
            throw .outOfResources("\(bytes) bytes of scratch memory per thread")
        }
    }

    func zero(_ memory: UnsafeMutableRawPointer, bytes: Int) {
        ead_zero(self.pointer, ead_zero_args(memory: memory, bytes: bytes))
    }

    /// Runs an operation that sets a flag when it finds NaN or infinity; whether it found none.
    func findsNoFault(_ operation: (UnsafeMutablePointer<Int32>) -> Void) -> Bool {
        let flag = self.fault.pointer.assumingMemoryBound(to: Int32.self)
        flag.pointee = 0
        operation(flag)
        return flag.pointee == 0
    }

    /// Whether all elements, floats or bf16 by precision, are numbers.
    func isFinite(_ elements: UnsafeRawPointer, count: Int, _ precision: Precision) -> Bool {
        self.findsNoFault {
            ead_check_finite(
                self.pointer, ead_check_finite_args(x: elements, count: count, bf16: precision.isBF16, fault: $0))
        }
    }
}

extension Precision {
    /// The flag the kernels take.
    var isBF16: Int32 { self == .bf16 ? 1 : 0 }

    /// 32-bit units that hold `count` elements (see CEADKernels.h).
    func units(_ count: Int) -> Int { self == .bf16 ? (count + 1) / 2 : count }
}
