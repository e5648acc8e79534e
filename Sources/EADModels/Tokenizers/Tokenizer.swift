package import EADCore

/// Byte-level byte-pair encoding as SmolLM2 uses it: text to tokens and back.
///
/// Text is cut into words by `WordScanner`; each word starts as its bytes, and the pair of lowest rank is merged until no
/// pair has a rank (Sennrich et al. 2016; bytes as in Radford et al. 2019). A byte for which the vocabulary has no token
/// (SmolLM2 lacks six control characters and the bytes that UTF-8 never uses) is left out, as reference
/// implementations do.
package struct Tokenizer: Sendable {
    /// Tokens in the vocabulary; every id is below it.
    package let count: Int
    /// The token that ends a document.
    package let endOfText: TokenID
    /// The token that ends a turn of a chat, or the text if the model knows no turns.
    package let endOfTurn: TokenID

    /// The bytes of all tokens, one after the other.
    private let bytes: [UInt8]
    /// `[count + 1]`: where each token starts in `bytes`.
    private let starts: [Int]
    private let control: ControlTokens
    private let pairs: BytePairs

    /// - Throws: `ModelFileError` when the file has no tokenizer, one of another kind, or a damaged one.
    package init(_ file: ModelFile) throws(ModelFileError) {
        let metadata = try file.ggufMetadata()
        let vocabulary = try TokenizerVocabulary(metadata)
        self.count = vocabulary.starts.count - 1
        self.bytes = vocabulary.bytes
        self.starts = vocabulary.starts
        self.pairs = vocabulary.pairs
        self.control = ControlTokens(vocabulary.control)
        let last = self.count - 1
        let end = try metadata.requiredInteger("tokenizer.ggml.eos_token_id", in: 0...last)
        self.endOfTurn = TokenID(end)
        self.endOfText = self.control.token(named: "<|endoftext|>") ?? self.endOfTurn
    }

    /// Gives everything that decides what tokens a text becomes and what text tokens are, in a fixed order.
    package func forEachDefiningPart(_ body: (UnsafeRawBufferPointer) -> Void) {
        withUnsafeBytes(of: (UInt64(self.count), self.endOfText, self.endOfTurn), body)
        self.starts.withUnsafeBytes(body)
        self.bytes.withUnsafeBytes(body)
        self.control.forEachDefiningPart(body)
        self.pairs.forEachDefiningPart(body)
    }

    /// The tokens of a text.
    ///
    /// - Parameter special: whether the names of control tokens (such as `<|im_end|>`) in the text stand for these
    ///   tokens; with false they are text like any other, as text from outside should be.
    package func encode(_ text: String, special: Bool = true) -> [TokenID] {
        self.encode(text, marksIn: special ? [0..<text.utf8.count] : [])
    }

    /// The tokens of a text in which the names of control tokens stand for them only within some ranges of its UTF-8.
    ///
    /// - Parameter ranges: in order, without overlap; a name counts if it lies in one of them whole.
    package func encode(_ text: String, marksIn ranges: [Range<Int>]) -> [TokenID] {
        var text = text
        return text.withUTF8 { utf8 in
            var encoder = BytePairEncoder(self.pairs, capacity: utf8.count / 3)
            var start = 0
            for range in ranges {
                var place = range.lowerBound
                let marked = UnsafeBufferPointer(rebasing: utf8[..<range.upperBound])
                while let match = self.control.first(in: marked, from: place) {
                    Self.encode(utf8, start..<match.range.lowerBound, &encoder)
                    encoder.tokens.append(match.token)
                    start = match.range.upperBound
                    place = start
                }
            }
            Self.encode(utf8, start..<utf8.count, &encoder)
            return encoder.tokens
        }
    }

    private static func encode(
        _ utf8: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ encoder: inout BytePairEncoder
    ) {
        var scanner = WordScanner(utf8, range)
        while let word = scanner.next() { encoder.encode(UnsafeBufferPointer(rebasing: utf8[word])) }
    }

    /// The bytes that a token stands for: part of a character at times, the name of a control token.
    ///
    /// - Parameter token: below `count`.
    package func bytes(of token: TokenID) -> [UInt8] { Array(self.bytes[self.range(of: token)]) }

    /// The text of tokens, each below `count`; bytes that are not UTF-8 become U+FFFD.
    ///
    /// - Parameter special: whether control tokens appear by name; with false they are left out.
    package func decode(_ tokens: some Sequence<TokenID>, special: Bool = true) -> String {
        var result: [UInt8] = []
        for token in tokens where special || !self.isControl(token) {
            result += self.bytes[self.range(of: token)]
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Whether the token is a mark of structure rather than text.
    package func isControl(_ token: TokenID) -> Bool { self.control.contains(token) }

    /// The control token of that name, nil when there is none.
    package func controlToken(named name: String) -> TokenID? { self.control.token(named: name) }

    /// The names of the control tokens, by token.
    package var controlNames: [String] { self.control.sortedNames }

    private func range(of token: TokenID) -> Range<Int> {
        precondition(token < self.count, "token ids are below the size of the vocabulary")
        return self.starts[Int(token)]..<self.starts[Int(token) + 1]
    }
}
