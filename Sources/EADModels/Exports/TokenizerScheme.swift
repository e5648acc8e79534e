/// How text is cut into words, in the words of both formats: `tokenizer.ggml.pre` of GGUF, and normalizer and pre-tokenizer of
/// tokenizer.json.
struct TokenizerScheme: Hashable, Sendable {
    enum Piece: Hashable, Sendable {
        /// Every digit is a word.
        case digits
        /// What the expression finds is a word.
        case split(String)
        /// Bytes as characters, with GPT-2's words where asked.
        case byteLevel(findsWords: Bool)
    }

    /// What GGUF calls it.
    let pre: String
    /// Whether text is brought into the normal form C first.
    let isComposed: Bool
    let pieces: [Piece]
    /// Whether a word that is a token is one without merges.
    let ignoresMerges: Bool
    /// Whether a text begins with a mark unless the file says otherwise.
    var addsBeginning = false

    private static let contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|"
    private static let spaces = #"|\s*[\r\n]+|\s+(?!\S)|\s+"#

    private static func words(letters: String, run: String, numbers: String) -> Piece {
        .split(
            Self.contractions + #"[^\r\n\p{L}\p{N}]?"# + run + "+|" + numbers + "| ?[^\\s" + letters
                + #"\p{N}]+[\r\n]*"# + Self.spaces)
    }

    static let all: [TokenizerScheme] = [
        TokenizerScheme(
            pre: "smollm", isComposed: false, pieces: [.digits, .byteLevel(findsWords: true)], ignoresMerges: false),
        TokenizerScheme(
            pre: "gpt-2", isComposed: false, pieces: [.byteLevel(findsWords: true)], ignoresMerges: false),
        TokenizerScheme(
            pre: "llama-bpe", isComposed: false,
            pieces: [
                Self.words(letters: #"\p{L}"#, run: #"\p{L}"#, numbers: #"\p{N}{1,3}"#), .byteLevel(findsWords: false),
            ], ignoresMerges: true, addsBeginning: true),
        TokenizerScheme(
            pre: "qwen2", isComposed: true,
            pieces: [
                Self.words(letters: #"\p{L}"#, run: #"\p{L}"#, numbers: #"\p{N}"#), .byteLevel(findsWords: false),
            ], ignoresMerges: false),
        TokenizerScheme(
            pre: "qwen35", isComposed: true,
            pieces: [
                Self.words(letters: #"\p{L}\p{M}"#, run: #"[\p{L}\p{M}]"#, numbers: #"\p{N}"#),
                .byteLevel(findsWords: false),
            ], ignoresMerges: false),
    ]

    /// Other names of GGUF for the same.
    private static let synonyms = [
        "starcoder": "smollm", "refact": "smollm", "phi-2": "gpt-2", "llama3": "llama-bpe", "llama-v3": "llama-bpe",
        "deepseek-r1-qwen": "qwen2",
    ]

    /// The scheme that a GGUF file names; nil for one that is not known.
    static func named(_ pre: String) -> TokenizerScheme? {
        // What the converter calls Llama 3's tokenizer in a model without a mark at the beginning.
        if pre == "smaug-bpe" {
            var scheme = Self.named("llama-bpe")
            scheme?.addsBeginning = false
            return scheme
        }
        let name = Self.synonyms[pre] ?? pre
        return Self.all.first { $0.pre == name }
    }

    /// The scheme of a tokenizer.json; nil for one that GGUF has no name for.
    static func of(_ file: [String: Any]) -> TokenizerScheme? {
        guard let pieces = Self.pieces(of: file["pre_tokenizer"]) else { return nil }
        return Self.all.first { $0.pieces == pieces }
    }

    private static func pieces(of value: Any?) -> [Piece]? {
        guard let members = value as? [String: Any], let type = members["type"] as? String else { return nil }
        switch type {
        case "Sequence":
            let parts = (members["pretokenizers"] as? [Any])?.map { Self.pieces(of: $0) } ?? []
            return parts.contains(where: { $0 == nil }) ? nil : parts.flatMap { $0 ?? [] }
        case "Digits": return members["individual_digits"] as? Bool == true ? [.digits] : nil
        case "ByteLevel": return [.byteLevel(findsWords: members["use_regex"] as? Bool ?? true)]
        case "Split":
            guard let expression = (members["pattern"] as? [String: Any])?["Regex"] as? String else { return nil }
            return [.split(expression)]
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
                #"{"type":"Split","pattern":{"Regex":\#(jsonText(expression))},"behavior":"Isolated","invert":false}"#
            }
        }
        return #"{"type":"Sequence","pretokenizers":[\#(parts.joined(separator: ","))]}"#
    }

    static func byteLevel(findsWords: Bool) -> String {
        #"{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":\#(findsWords)}"#
    }
}
