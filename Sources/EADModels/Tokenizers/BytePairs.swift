import EADCore

/// Which pairs of tokens merge, in which order, into which token: a hash table with open addressing.
struct BytePairs: Sendable {
    /// No token, no rank.
    static let none = UInt32.max

    /// The token of each byte, `none` for bytes without one.
    var byteTokens = [TokenID](repeating: Self.none, count: 256)
    /// `left << 32 | right`, `emptyKey` in free slots; the length is a power of two.
    private var keys: [UInt64]
    /// `rank << 32 | merged`.
    private var values: [UInt64]
    private let shift: Int

    private static let emptyKey = UInt64.max

    func forEachDefiningPart(_ body: (UnsafeRawBufferPointer) -> Void) {
        self.byteTokens.withUnsafeBytes(body)
        self.keys.withUnsafeBytes(body)
        self.values.withUnsafeBytes(body)
    }

    init(capacity: Int) {
        // At most half full, so that a search for an absent pair is short and ends.
        let bits = max(4, Int.bitWidth - (2 * capacity).leadingZeroBitCount)
        self.keys = [UInt64](repeating: Self.emptyKey, count: 1 << bits)
        self.values = [UInt64](repeating: 0, count: 1 << bits)
        self.shift = UInt64.bitWidth - bits
    }

    /// Of two equal pairs the first inserted, with the lower rank, stays.
    mutating func insert(_ left: TokenID, _ right: TokenID, rank: UInt32, merged: TokenID) {
        let key = UInt64(left) << 32 | UInt64(right)
        let slot = self.slot(of: key)
        guard self.keys[slot] == Self.emptyKey else { return }
        self.keys[slot] = key
        self.values[slot] = UInt64(rank) << 32 | UInt64(merged)
    }

    /// The rank of a pair and the token it merges into; the rank is `none` when it does not merge.
    @inline(__always)
    func lookup(_ left: TokenID, _ right: TokenID) -> (rank: UInt32, merged: TokenID) {
        let key = UInt64(left) << 32 | UInt64(right)
        let slot = self.slot(of: key)
        guard self.keys[slot] == key else { return (Self.none, Self.none) }
        let value = self.values[slot]
        return (UInt32(truncatingIfNeeded: value >> 32), UInt32(truncatingIfNeeded: value))
    }

    /// Where the key is or would be.
    @inline(__always)
    private func slot(of key: UInt64) -> Int {
        // Multiplication by 2^64 / golden ratio, high bits (Knuth, volume 3, section 6.4).
        var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> UInt64(self.shift))
        while self.keys[slot] != key, self.keys[slot] != Self.emptyKey {
            slot = (slot + 1) & (self.keys.count - 1)
        }
        return slot
    }
}
