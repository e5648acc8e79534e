/// A sequence of 64-bit numbers fixed by its seed: SplitMix64 of Steele, Lea and Flood (OOPSLA 2014).
///
/// It spreads retries in time and drives tests; nothing that reaches a sample or a weight uses it.
package struct SplitMix64: RandomNumberGenerator, Hashable, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { self.state = seed }

    package mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var bits = self.state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// A number in [0, 1), a multiple of 2^-53.
    package mutating func uniform() -> Double { Double(self.next() >> 11) * 0x1p-53 }
}
