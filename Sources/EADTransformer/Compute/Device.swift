import CEADKernels
import EADEngine

/// Where the engine's arrays live and its operations run: this CPU, so far.
///
/// `@unchecked Sendable`: the pointer never changes, and CEADKernels lets any number of threads use a device at once.
final class Device: @unchecked Sendable {
    let pointer: OpaquePointer
    /// The kernels that compute, and so the form of packed weights.
    let variant: CPUVariant
    /// Whether addresses have no memory behind them and operations do nothing.
    let isCounting: Bool
    private let isBiased: Bool

    /// - Parameters:
    ///   - variant: nil takes `CPUVariant.chosen()`.
    ///   - bias: For tests: added to all addresses, of which operations then accept no others.
    convenience init(_ variant: CPUVariant? = nil, bias: UInt64 = 0) throws(EngineError) {
        let variant = if let variant { variant } else { try CPUVariant.chosen() }
        try self.init(variant, isCounting: false, bias: bias)
    }

    /// A device on which the engine does all it would do elsewhere but allocate and compute, to see how much memory it asks
    /// for. Whatever is downloaded from it keeps the values it had.
    static func counting() throws(EngineError) -> Device {
        try Device(CPUVariant.chosen(), isCounting: true, bias: 0)
    }

    private init(_ variant: CPUVariant, isCounting: Bool, bias: UInt64) throws(EngineError) {
        let options = ead_device_options(variant: variant.code, counts: isCounting ? 1 : 0, bias: bias)
        guard let pointer = ead_device_open(options) else { throw .outOfResources("memory for a device") }
        self.pointer = pointer
        self.variant = variant
        self.isCounting = isCounting
        self.isBiased = bias != 0
    }

    deinit { ead_device_close(self.pointer) }

    /// Whether another device finds its way to what is in this one's memory, and understands it: all of this CPU share its
    /// memory, but for those whose addresses are biased.
    func isReadable(by other: Device) -> Bool {
        self === other || self.variant == other.variant && !self.isBiased && !other.isBiased
    }

    /// Bytes of all buffers there are.
    var allocated: Int { ead_allocated(self.pointer) }
}
