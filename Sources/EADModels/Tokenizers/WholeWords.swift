import EADCore

/// Words that are tokens as they are, whatever the merges say (`ignore_merges`): a hash table with open addressing.
struct WholeWords: Sendable {
    /// Tokens, `BytePairs.none` in free slots; the length is a power of two.
    private var slots: [TokenID]

    /// - Parameters:
    ///   - bytes, starts: The bytes of all tokens one after the other, and where each starts.
    ///   - tokens: Those that may be whole words; of two of the same bytes the first counts.
    init(_ tokens: some Collection<TokenID>, bytes: [UInt8], starts: [Int]) {
        let bits = max(4, Int.bitWidth - (2 * tokens.count).leadingZeroBitCount)
        self.slots = [TokenID](repeating: BytePairs.none, count: 1 << bits)
        bytes.withUnsafeBufferPointer { bytes in
            for token in tokens {
                let word = UnsafeBufferPointer(rebasing: bytes[starts[Int(token)]..<starts[Int(token) + 1]])
                let slot = self.slot(of: word, bytes, starts)
                if self.slots[slot] == BytePairs.none { self.slots[slot] = token }
            }
        }
    }

    /// The token of a word; nil when it is none.
    func token(of word: UnsafeBufferPointer<UInt8>, bytes: [UInt8], starts: [Int]) -> TokenID? {
        let token = bytes.withUnsafeBufferPointer { self.slots[self.slot(of: word, $0, starts)] }
        return token == BytePairs.none ? nil : token
    }

    /// Where the word is or would be.
    private func slot(of word: UnsafeBufferPointer<UInt8>, _ bytes: UnsafeBufferPointer<UInt8>, _ starts: [Int]) -> Int
    {
        // FNV-1a, folded; at most half full, so that a search for an absent word ends.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in word { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var slot = Int(truncatingIfNeeded: (hash ^ hash >> 32) & UInt64(self.slots.count - 1))
        while self.slots[slot] != BytePairs.none {
            let token = Int(self.slots[slot])
            let range = starts[token]..<starts[token + 1]
            if range.count == word.count, bytes[range].elementsEqual(word) { break }
            slot = (slot + 1) & (self.slots.count - 1)
        }
        return slot
    }
}
