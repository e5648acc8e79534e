import EADCore

/// Encodes words one after the other, with scratch memory that the words share.
struct BytePairEncoder {
    /// The result so far.
    var tokens: [TokenID] = []

    private let vocabulary: Vocabulary
    private let pairs: BytePairs
    private var symbols: [TokenID] = []
    /// `[symbols.count]`: the rank of each symbol with its right neighbour, and what they merge into.
    private var candidates: [(rank: UInt32, merged: TokenID)] = []

    /// Above this many bytes the search for the lowest rank is done by a heap, so that a word of a megabyte (a text
    /// without spaces) takes n log n and not n squared steps.
    private static let longestScannedWord = 48

    init(_ vocabulary: Vocabulary, capacity: Int) {
        self.vocabulary = vocabulary
        self.pairs = vocabulary.pairs
        self.tokens.reserveCapacity(capacity)
    }

    mutating func encode(_ word: UnsafeBufferPointer<UInt8>) {
        if let token = self.vocabulary.wholeToken(of: word) {
            self.tokens.append(token)
            return
        }
        self.symbols.removeAll(keepingCapacity: true)
        if let characters = self.vocabulary.characters {
            self.begin(word, as: characters)
        } else {
            for byte in word { self.begin(byte) }
        }
        if self.symbols.count > Self.longestScannedWord {
            var merger = LongWordMerger(self.symbols, self.pairs)
            merger.run()
            merger.collect(into: &self.tokens)
        } else {
            self.mergeByScanning()
            self.tokens += self.symbols
        }
    }

    private mutating func begin(_ byte: UInt8) {
        let token = self.pairs.byteTokens[Int(byte)]
        if token != BytePairs.none { self.symbols.append(token) }
    }

    private mutating func begin(_ word: UnsafeBufferPointer<UInt8>, as characters: CharacterTokens) {
        var position = 0
        while position < word.count {
            let (scalar, next) = word.scalar(at: position)
            if let token = characters[scalar] {
                self.symbols.append(token)
            } else {
                for byte in word[position..<next] { self.begin(byte) }
            }
            position = next
        }
    }

    private mutating func mergeByScanning() {
        self.candidates.removeAll(keepingCapacity: true)
        for index in self.symbols.indices.dropLast() {
            self.candidates.append(self.pairs.lookup(self.symbols[index], self.symbols[index + 1]))
        }
        while true {
            var best = -1
            var lowest = BytePairs.none
            for index in self.candidates.indices where self.candidates[index].rank < lowest {
                (best, lowest) = (index, self.candidates[index].rank)
            }
            guard best >= 0 else { return }
            self.symbols[best] = self.candidates[best].merged
            self.symbols.remove(at: best + 1)
            self.candidates.remove(at: best)
            if best > 0 {
                self.candidates[best - 1] = self.pairs.lookup(self.symbols[best - 1], self.symbols[best])
            }
            if best < self.candidates.count {
                self.candidates[best] = self.pairs.lookup(self.symbols[best], self.symbols[best + 1])
            }
        }
    }
}
