import CEADKernels
package import EADEngine
import Glibc

/// The instruction sets the kernels are compiled for. All give the same bits; they differ in speed.
package enum CPUVariant: String, CaseIterable, Sendable {
    case portable
    case avx2
    case avx512
    case avx512bf16

    var code: ead_variant {
        switch self {
        case .portable: EAD_PORTABLE
        case .avx2: EAD_AVX2
        case .avx512: EAD_AVX512
        case .avx512bf16: EAD_AVX512BF16
        }
    }

    package var isSupported: Bool { ead_variant_supported(self.code) != 0 }

    /// Those this CPU runs, slowest first.
    package static var supported: [CPUVariant] { Self.allCases.filter(\.isSupported) }

    /// The fastest one, unless the environment variable EAD_CPU_VARIANT names another.
    ///
    /// - Throws: `EngineError.cpuVariant` when it names none that this CPU runs.
    package static func chosen() throws(EngineError) -> CPUVariant {
        try Self.named(getenv("EAD_CPU_VARIANT").map { String(cString: $0) })
    }

    /// The variant of that name, the fastest one for nil.
    static func named(_ name: String?) throws(EngineError) -> CPUVariant {
        guard let name else { return Self.supported[Self.supported.count - 1] }
        guard let variant = CPUVariant(rawValue: name), variant.isSupported else {
            throw .cpuVariant(requested: name, available: Self.supported.map(\.rawValue))
        }
        return variant
    }
}
