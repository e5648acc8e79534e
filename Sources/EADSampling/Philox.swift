/// The counter-based random function Philox4x32-10: 128 bits of counter and 64 bits of key to 128 random bits.
///
/// After Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011). For a given key it is a
/// bijection of the counter, so different counters never give the same block.
package enum Philox {
    package typealias Block = SIMD4<UInt32>

    /// The block of `counter` (words c0 to c3) under `key` (words k0, k1).
    package static func block(counter: Block, key: SIMD2<UInt32>) -> Block {
        var word = counter
        var key = key
        for round in 0..<10 {
            if round > 0 { key &+= Self.keyIncrement }
            let first = word.x.multipliedFullWidth(by: 0xD251_1F53)
            let second = word.z.multipliedFullWidth(by: 0xCD9E_8D57)
            word = Block(second.high ^ word.y ^ key.x, second.low, first.high ^ word.w ^ key.y, first.low)
        }
        return word
    }

    /// The fractional parts of the golden ratio and of the square root of 3, as the publication sets them.
    private static let keyIncrement = SIMD2<UInt32>(0x9E37_79B9, 0xBB67_AE85)

    /// The key of a seed in one of its 2^64 streams: mix(seed) xor stream.
    ///
    /// `mix` is a bijection of 64 bits with full avalanche. Without it the streams of neighbouring seeds would be
    /// permutations of each other.
    static func key(seed: UInt64, stream: UInt64) -> SIMD2<UInt32> {
        let key = Self.mix(seed) ^ stream
        return SIMD2(UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
    }

    /// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014), offset so that 0 is no fixed point.
    private static func mix(_ seed: UInt64) -> UInt64 {
        var bits = seed &+ 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// The last counter word, which keeps users of the same key apart.
    enum Domain: UInt32 {
        case generator = 0
        case training = 1
        case evaluation = 2
        case selection = 3
        case weights = 4
    }
}
