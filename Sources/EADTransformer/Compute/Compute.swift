import CEADKernels
import EADCore
import EADEngine

/// A sequence of operations on a device, and the threads that compute them; used by one thread at a time.
final class Compute {
    let device: Device
    let pointer: OpaquePointer
    /// What operations set when they find NaN or infinity.
    private let fault: DeviceBuffer

    init(_ device: Device, threads: Int) throws(EngineError) {
        self.fault = try DeviceBuffer(device, Int32.self, count: 1)
        guard let pointer = ead_compute_create(device.pointer, Int32(threads), 1 << 16) else {
            throw .outOfResources("\(threads) threads")
        }
        self.device = device
        self.pointer = pointer
    }

    deinit { ead_compute_destroy(self.pointer) }

    /// Makes every thread's scratch memory at least this large.
    func reserve(_ bytes: Int) throws(EngineError) {
        guard ead_compute_reserve(self.pointer, bytes) == 0 else {
            throw .outOfResources("\(bytes) bytes of scratch memory per thread")
        }
    }

    // MARK: Transfers

    func upload<Element>(_ values: UnsafeBufferPointer<Element>, to destination: DevicePointer<Element>) {
        let bytes = UnsafeRawBufferPointer(values)
        ead_upload(self.pointer, bytes.baseAddress, destination.address, bytes.count)
    }

    func upload<Element>(_ values: [Element], to destination: DevicePointer<Element>) {
        values.withUnsafeBufferPointer { self.upload($0, to: destination) }
    }

    /// Waits for all operations before.
    func download<Element>(_ source: DevicePointer<Element>, into destination: UnsafeMutableBufferPointer<Element>) {
        let bytes = UnsafeMutableRawBufferPointer(destination)
        ead_download(self.pointer, source.address, bytes.baseAddress, bytes.count)
    }

    /// Waits for all operations before, and replaces all elements of an array.
    func download<Element>(_ source: DevicePointer<Element>, into values: inout [Element]) {
        values.withUnsafeMutableBufferPointer { self.download(source, into: $0) }
    }

    /// As `download`, of floats that are rounded to bf16 on the way.
    func download(
        roundingToBF16 source: DevicePointer<Float>, into destination: UnsafeMutableBufferPointer<UInt16>
    ) {
        ead_download_bf16(self.pointer, source.address, destination.baseAddress, destination.count)
    }

    /// Calls `body` with host memory as the device reads it: a copy, or on this CPU the memory itself.
    func withStaged<Element, Result>(
        _ values: UnsafeBufferPointer<Element>,
        _ body: (DevicePointer<Element>) throws(EngineError) -> Result
    ) throws(EngineError) -> Result {
        let bytes = UnsafeRawBufferPointer(values)
        let address = ead_stage(self.pointer, bytes.baseAddress, bytes.count)
        guard address != 0 else { throw .outOfResources("\(bytes.count) bytes of memory") }
        defer { ead_free(self.device.pointer, address) }
        return try body(DevicePointer(address: address))
    }

    // MARK: Memory

    func zero<Element>(_ memory: DevicePointer<Element>, count: Int) {
        ead_zero(self.pointer, ead_zero_args(memory: memory.address, bytes: count * MemoryLayout<Element>.stride))
    }

    func copy<Element>(_ source: DevicePointer<Element>, to destination: DevicePointer<Element>, count: Int) {
        ead_copy(
            self.pointer,
            ead_copy_args(
                source: source.address, destination: destination.address, bytes: count * MemoryLayout<Element>.stride))
    }

    /// destination[r] = source[index[r]], in rows of `columns` elements.
    func copyRows<Element>(
        _ source: DevicePointer<Element>, index: DevicePointer<Int32>, to destination: DevicePointer<Element>,
        rows: Int, columns: Int
    ) {
        ead_copy_rows(
            self.pointer,
            ead_copy_rows_args(
                source: source.address, index: index.address, destination: destination.address, rows: rows,
                row_bytes: columns * MemoryLayout<Element>.stride))
    }

    // MARK: NaN and infinity

    /// Runs an operation that sets a flag when it finds NaN or infinity; whether it found none.
    func findsNoFault(_ operation: (DevicePointer<Int32>) -> Void) -> Bool {
        let flag = self.fault.pointer(to: Int32.self)
        self.zero(flag, count: 1)
        operation(flag)
        var found: [Int32] = [0]
        self.download(flag, into: &found)
        return found == [0]
    }

    /// Whether all elements, floats or bf16 by precision, are numbers.
    func isFinite(_ elements: ead_address, count: Int, _ precision: Precision) -> Bool {
        self.findsNoFault {
            ead_check_finite(
                self.pointer,
                ead_check_finite_args(x: elements, count: count, bf16: precision.isBF16, fault: $0.address))
        }
    }

    func isFinite(_ elements: DevicePointer<Float>, count: Int) -> Bool {
        self.isFinite(elements.address, count: count, .f32)
    }
}

extension Precision {
    /// The flag the kernels take.
    var isBF16: Int32 { self == .bf16 ? 1 : 0 }

    /// 32-bit units that hold `count` elements (see CEADKernels.h).
    func units(_ count: Int) -> Int { self == .bf16 ? (count + 1) / 2 : count }
}
