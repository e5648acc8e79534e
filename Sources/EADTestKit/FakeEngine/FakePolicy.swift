import EADCore

/// A policy that costs nothing: what it thinks of a token is a pure function of its published bytes and of the tokens
/// before it.
struct FakePolicy {
    private let fingerprint: UInt64
    private let vocabulary: Int

    init(bytes: UnsafeRawBufferPointer, vocabulary: Int) {
        // The hash FNV-1a, over 16 bits at a time.
        self.fingerprint = stride(from: 0, to: bytes.count, by: 2).reduce(0xcbf2_9ce4_8422_2325) {
            ($0 ^ UInt64(bytes.loadUnaligned(fromByteOffset: $1, as: UInt16.self))) &* 0x0000_0100_0000_01b3
        }
        self.vocabulary = vocabulary
    }

    /// The token that a uniform number draws.
    func draw(_ uniform: Float, after text: [TokenID]) -> TokenID {
        TokenID(self.bits(after: text, UInt32(uniform * 0x1p24)) % UInt64(self.vocabulary))
    }

    /// Between -4 and -1, a multiple of 2^-12.
    func logProb(_ token: TokenID, after text: [TokenID]) -> Float {
        -1 - Float(self.bits(after: text, token) % 12_289) * 0x1p-12
    }

    /// Between 0 and 3, a multiple of 2^-12.
    func entropy(after text: [TokenID]) -> Float {
        Float(self.bits(after: text, TokenID.max) % 12_289) * 0x1p-12
    }

    private func bits(after text: [TokenID], _ last: UInt32) -> UInt64 {
        let seed = (text + [last]).reduce(self.fingerprint) { ($0 ^ UInt64($1)) &* 0x9E37_79B9_7F4A_7C15 }
        var generator = SplitMix64(seed: seed)
        return generator.next()
    }
}
