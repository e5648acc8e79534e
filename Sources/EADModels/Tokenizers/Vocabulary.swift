import EADCore

/// What tokens are and which of them merge.
struct Vocabulary: Sendable {
    /// The bytes of all tokens, one after the other.
    private(set) var bytes: [UInt8] = []
    /// `[count + 1]`: where each token starts in `bytes`.
    private(set) var starts: [Int] = [0]
    var pairs = BytePairs(capacity: 0)
    /// The tokens that characters begin as; nil where words begin as bytes.
    var characters: CharacterTokens?
    /// The words that are tokens whatever the merges say; nil when the merges decide.
    var wholeWords: WholeWords?

    var count: Int { self.starts.count - 1 }

    /// Adds the token after the last one; one without bytes stands for nothing.
    mutating func append(_ bytes: some Sequence<UInt8>) {
        self.bytes += bytes
        self.starts.append(self.bytes.count)
    }

    func forEachDefiningPart(_ body: (UnsafeRawBufferPointer) -> Void) {
        self.starts.withUnsafeBytes(body)
        self.bytes.withUnsafeBytes(body)
        self.pairs.forEachDefiningPart(body)
        withUnsafeBytes(of: (self.wholeWords != nil, self.characters != nil), body)
    }

    /// - Parameter token: below `count`.
    func bytes(of token: TokenID) -> ArraySlice<UInt8> {
        precondition(token < self.count, "token ids are below the size of the vocabulary")
        return self.bytes[self.starts[Int(token)]..<self.starts[Int(token) + 1]]
    }

    @inline(__always)
    func wholeToken(of word: UnsafeBufferPointer<UInt8>) -> TokenID? {
        self.wholeWords?.token(of: word, bytes: self.bytes, starts: self.starts)
    }
}
