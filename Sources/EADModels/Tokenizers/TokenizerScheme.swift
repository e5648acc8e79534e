import EADCore

/// How text is cut into words, and what goes with it, under the names of both formats: `tokenizer.ggml.pre` of GGUF, and
/// normalizer and pre-tokenizer of tokenizer.json.
struct TokenizerScheme: Sendable {
    private enum Piece: Hashable, Sendable {
        /// Every digit is a word.
        case digits
        /// What the expression finds is a word.
        case split(String)
        /// Bytes as characters, with GPT-2's words where asked.
        case byteLevel(findsWords: Bool)
    }

    /// What GGUF calls it, the usual name first.
    let names: [String]
    let rule: WordRule
    var normalization = Normalization.none
    /// Whether a word that is a token is one without merges, as llama.cpp has it where the file does not say.
    var ignoresMerges = false
    /// Whether a text begins with a mark unless the file says otherwise.
    var addsBeginning = false

    /// Whether the scores of tokens take the place of merges.
    var mergesFollowScores = false

    /// What GGUF's `tokenizer.ggml.model: llama` says: SentencePiece's BPE.
    static func sentencePiece(marksBeginning: Bool) -> TokenizerScheme {
        TokenizerScheme(
            names: [], rule: .whole, normalization: Normalization(marksSpaces: marksBeginning ? .everyPart : .nowhere),
            addsBeginning: true, mergesFollowScores: true)
    }

    /// What GGUF's `tokenizer.ggml.model: gemma4` says.
    static let gemma = TokenizerScheme(
        names: [], rule: .whole, normalization: Normalization(marksSpaces: .nowhere), addsBeginning: true)

    static let all: [TokenizerScheme] = [
        TokenizerScheme(names: ["smollm", "starcoder", "refact"], rule: .smollm),
        TokenizerScheme(names: ["gpt-2", "phi-2"], rule: .gpt2),
        TokenizerScheme(
            names: ["llama-bpe", "llama3", "llama-v3"], rule: .llama3, ignoresMerges: true, addsBeginning: true),
        // What the converter calls Llama 3's tokenizer in a model that adds no beginning, such as SmolLM3.
        TokenizerScheme(names: ["smaug-bpe"], rule: .llama3, ignoresMerges: true),
        TokenizerScheme(names: ["qwen2", "deepseek-r1-qwen"], rule: .qwen2, normalization: .nfc),
        TokenizerScheme(names: ["qwen35"], rule: .qwen35, normalization: .nfc),
        TokenizerScheme(names: ["deepseek-v3"], rule: .deepSeek, addsBeginning: true),
        TokenizerScheme(names: ["tekken"], rule: .tekken, ignoresMerges: true, addsBeginning: true),
        TokenizerScheme(names: ["gpt-4o", "llama4"], rule: .o200k),
    ]

    /// The scheme that a GGUF file names; nil for one that is not known.
    static func named(_ pre: String) -> TokenizerScheme? { Self.all.first { $0.names.contains(pre) } }

    /// The steps of the pre-tokenizer.
    private var pieces: [Piece] {
        switch self.rule {
        case .gpt2: [.byteLevel(findsWords: true)]
        case .smollm: [.digits, .byteLevel(findsWords: true)]
        default: self.rule.expressions.map { .split($0) } + [.byteLevel(findsWords: false)]
        }
    }

    /// The scheme of a tokenizer.json; nil for one that GGUF has no name for.
    static func of(_ file: JSONValue) -> TokenizerScheme? {
        guard let pieces = Self.pieces(of: file["pre_tokenizer"]) else { return nil }
        let composes = Self.composes(file["normalizer"])
        return Self.all.first { $0.pieces == pieces && $0.normalization == (composes ? .nfc : .none) }
    }

    private static func composes(_ normalizer: JSONValue?) -> Bool {
        if case .list(let steps)? = normalizer?["normalizers"] { return steps.contains { Self.composes($0) } }
        return normalizer?["type"]?.text == "NFC"
    }

    private static func pieces(of value: JSONValue?) -> [Piece]? {
        switch value?["type"]?.text {
        case "Sequence":
            guard case .list(let steps)? = value?["pretokenizers"] else { return nil }
            var pieces: [Piece] = []
            for step in steps {
                guard let found = Self.pieces(of: step) else { return nil }
                pieces += found
            }
            return pieces
        case "Digits": return value?["individual_digits"] == .flag(true) ? [.digits] : nil
        case "ByteLevel": return [.byteLevel(findsWords: value?["use_regex"] != .flag(false))]
        case "Split": return (value?["pattern"]?["Regex"]?.text).map { [.split(WordRule.withWrittenLineEnds($0))] }
        default: return nil
        }
    }

    /// The pre-tokenizer of a tokenizer.json.
    var json: String {
        let parts = self.pieces.map { piece in
            switch piece {
            case .digits: #"{"type":"Digits","individual_digits":true}"#
            case .byteLevel(let findsWords): Self.byteLevel(findsWords: findsWords)
            case .split(let expression):
                #"{"type":"Split","pattern":{"Regex":\#(JSONValue.quoted(expression))},"behavior":"Isolated","invert":false}"#
            }
        }
        return #"{"type":"Sequence","pretokenizers":[\#(parts.joined(separator: ","))]}"#
    }

    static func byteLevel(findsWords: Bool) -> String {
        #"{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":\#(findsWords)}"#
    }
}
