package import EADCore

/// Byte-pair encoding: text to tokens and back.
///
/// Text is brought into normal form and cut into words by `WordScanner`; each word starts as its bytes, or as its
/// characters in the manner of SentencePiece, and the pair of lowest rank is merged until no pair has a rank (Sennrich et al. 2016; bytes as in Radford et al. 2019). A byte for
/// which the vocabulary has no token (SmolLM2 lacks six control characters and the bytes that UTF-8 never uses) is left
/// out, as reference implementations do.
package struct Tokenizer: Sendable {
    /// The tokens after which a response ends: those of a text and of a turn.
    package let ends: [TokenID]

    private let vocabulary: Vocabulary
    private let added: AddedTokens
    private let rule: WordRule
    private let normalization: Normalization
    private let beginning: [TokenID]

    /// - Throws: `ModelFileError` when the file has no tokenizer, one of another kind, or a damaged one.
    package init(_ file: ModelFile) throws(ModelFileError) {
        switch file.origin {
        case .gguf(let metadata): self.init(try TokenizerParts(metadata))
        case .directory(let directory): try self.init(directory: directory.path, rows: file.shape.vocabulary)
        }
    }

    /// Reads the tokenizer of a Hugging Face directory: tokenizer.json, and which tokens end a response.
    ///
    /// - Parameter rows: Rows of the model's embedding; there may be more than tokens, never fewer.
    /// - Throws: `ModelFileError` that names what is damaged, or not implemented.
    package init(directory: String, rows: Int) throws(ModelFileError) {
        self.init(try TokenizerParts(directory: directory, rows: rows))
    }

    init(_ parts: TokenizerParts) {
        self.ends = parts.ends
        self.vocabulary = parts.vocabulary
        self.added = AddedTokens(parts.added, normalization: parts.normalization)
        self.rule = parts.rule
        self.normalization = parts.normalization
        self.beginning = parts.beginning
    }

    /// Tokens in the vocabulary; every id is below it.
    package var count: Int { self.vocabulary.count }

    /// Gives everything that decides what tokens a text becomes and what text tokens are, in a fixed order.
    package func forEachDefiningPart(_ body: (UnsafeRawBufferPointer) -> Void) {
        withUnsafeBytes(of: UInt64(self.count), body)
        self.ends.withUnsafeBytes(body)
        self.beginning.withUnsafeBytes(body)
        Array("\(self.rule) \(self.normalization)".utf8).withUnsafeBytes(body)
        self.vocabulary.forEachDefiningPart(body)
        self.added.forEachDefiningPart(body)
    }

    // MARK: Text to tokens

    /// The tokens of a text.
    ///
    /// - Parameter special: whether the names of control tokens (such as `<|im_end|>`) in the text stand for these
    ///   tokens; with false they are text like any other, as text from outside should be.
    package func encode(_ text: String, special: Bool = true) -> [TokenID] {
        self.encode(text, marksIn: special ? [0..<text.utf8.count] : [])
    }

    /// The tokens of a text that is no chat, with those that the model expects at the beginning of any text, unless it
    /// begins with them.
    ///
    /// - Parameter ranges: as for `encode`.
    package func encodeDocument(_ text: String, marksIn ranges: [Range<Int>]) -> [TokenID] {
        let tokens = self.encode(text, marksIn: ranges)
        return tokens.starts(with: self.beginning) ? tokens : self.beginning + tokens
    }

    /// The tokens of a text in which the names of control tokens stand for them only within some ranges of its UTF-8.
    ///
    /// - Parameter ranges: in order, without overlap; a name counts if it lies in one of them whole.
    package func encode(_ text: String, marksIn ranges: [Range<Int>]) -> [TokenID] {
        var text = text
        return text.withUTF8 { utf8 in
            var encoder = BytePairEncoder(self.vocabulary, capacity: utf8.count / 3)
            let whole = 0..<utf8.count
            self.added.forEachPiece(in: utf8, whole, marks: ranges, isNormalized: false) { piece in
                switch piece {
                case .token(let token): encoder.tokens.append(token)
                case .text(let range): self.encode(utf8, range, marks: ranges, &encoder)
                }
            }
            return encoder.tokens
        }
    }

    /// Encodes a text between tokens that are found in it as it is.
    private func encode(
        _ utf8: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, marks: [Range<Int>], _ encoder: inout BytePairEncoder
    ) {
        let part = UnsafeBufferPointer(rebasing: utf8[range])
        guard let text = self.normalization.normalized(part, isFirst: range.lowerBound == 0) else {
            return self.encodeNormal(utf8, range, marks: marks, &encoder)
        }
        // Marks lie elsewhere in the text's normal form; no special token is looked for in it (`TokenizerParts`).
        text.withUnsafeBufferPointer { self.encodeNormal($0, 0..<$0.count, marks: [], &encoder) }
    }

    private func encodeNormal(
        _ utf8: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, marks: [Range<Int>], _ encoder: inout BytePairEncoder
    ) {
        guard self.added.hasNormalized else { return self.encodeWords(utf8, range, &encoder) }
        self.added.forEachPiece(in: utf8, range, marks: marks, isNormalized: true) { piece in
            switch piece {
            case .token(let token): encoder.tokens.append(token)
            case .text(let range): self.encodeWords(utf8, range, &encoder)
            }
        }
    }

    private func encodeWords(
        _ utf8: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ encoder: inout BytePairEncoder
    ) {
        var scanner = WordScanner(utf8, range, self.rule)
        while let word = scanner.next() { encoder.encode(UnsafeBufferPointer(rebasing: utf8[word])) }
    }

    // MARK: Tokens to text

    /// The bytes that a token stands for: part of a character at times, the name of an added token, nothing for an id
    /// that a vocabulary leaves free.
    ///
    /// - Parameter token: below `count`.
    package func bytes(of token: TokenID) -> [UInt8] { Array(self.vocabulary.bytes(of: token)) }

    /// The text of tokens, each below `count`; bytes that are not UTF-8 become U+FFFD.
    ///
    /// - Parameter special: whether control tokens appear by name; with false they are left out.
    package func decode(_ tokens: some Sequence<TokenID>, special: Bool = true) -> String {
        var result: [UInt8] = []
        for token in tokens where special || !self.isControl(token) { result += self.vocabulary.bytes(of: token) }
        return String(decoding: result, as: UTF8.self)
    }

    // MARK: Control tokens

    /// Whether the token is a mark of structure rather than text.
    package func isControl(_ token: TokenID) -> Bool { self.added.isSpecial(token) }

    /// The control token of that name, nil when there is none.
    package func controlToken(named name: String) -> TokenID? { self.added.special(named: name) }

    /// The names of the control tokens, by token.
    package var controlNames: [String] { self.added.specialNames }
}
