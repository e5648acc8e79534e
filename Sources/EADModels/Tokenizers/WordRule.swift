/// How text is cut into the words within which bytes may merge: what a pre-tokenizer's regular expressions say.
///
/// A file's expressions select a rule by equality; no expression is ever run.
struct WordRule: Hashable, Sendable {
    enum Style: Hashable, Sendable {
        /// A contraction, a run of letters, of numbers or of other characters, each with one space before it, or white
        /// space.
        case gpt2
        /// A contraction in any case, a run of letters with any character but a line end before it, a few numbers, a run
        /// of other characters with the line ends after it, or white space up to a line end.
        case llama3
        /// Like Llama 3's, but capital letters begin a word, and lines and slashes end a run of other characters; where
        /// asked, a contraction belongs to the word before it.
        case cased(contractions: Bool)
        /// Numbers, then runs of Chinese and Japanese, are set apart; the text between them is cut into words.
        case deepSeek
        /// The whole text is a word. It is cut all the same before marks of spaces (▁), unless one of these bytes stands before
        /// them: no token of the vocabulary reaches over such a place, so that nothing merges over it.
        case whole(keepingAfter: [UInt8])
        /// A word begins with each mark of a space (▁).
        case marked
    }

    enum Numbers: Hashable, Sendable {
        /// A run of numbers is like a run of letters.
        case run
        /// Every number character is set apart before the text between them is cut.
        case apart
        /// A word has at most so many number characters, and nothing else.
        case atMost(Int)
    }

    let style: Style
    let numbers: Numbers
    /// Whether marks (category M) belong to runs of letters.
    let marksAreLetters: Bool

    static let gpt2 = WordRule(style: .gpt2, numbers: .run)
    static let smollm = WordRule(style: .gpt2, numbers: .apart)
    static let llama3 = WordRule(style: .llama3, numbers: .atMost(3))
    static let qwen2 = WordRule(style: .llama3, numbers: .atMost(1))
    static let qwen35 = WordRule(style: .llama3, numbers: .atMost(1), marksAreLetters: true)
    static let tekken = WordRule(style: .cased(contractions: false), numbers: .atMost(1))
    static let o200k = WordRule(style: .cased(contractions: true), numbers: .atMost(3))
    static let deepSeek = WordRule(style: .deepSeek, numbers: .atMost(3), marksAreLetters: true)
    static let whole = WordRule(style: .whole(keepingAfter: []), numbers: .run)
    static let marked = WordRule(style: .marked, numbers: .run)

    /// The whole text as a word, for a vocabulary of which these are the tokens.
    static func whole(tokens: some Sequence<TokenText>) -> WordRule {
        var bytes: Set<UInt8> = []
        for token in tokens {
            var text = token.text
            text.withUTF8 { utf8 in
                for place in utf8.indices.dropFirst() where WordScanner.beginsMarks(utf8, at: place) {
                    bytes.insert(utf8[place - 1])
                }
            }
        }
        return WordRule(style: .whole(keepingAfter: bytes.sorted()), numbers: .run)
    }

    /// The rule of expressions as tokenizer.json writes them, each of which cuts what the one before left; nil for any
    /// other.
    init?(expressions: [String]) {
        let known: [WordRule] = [.gpt2, .llama3, .qwen2, .qwen35, .tekken, .o200k, .deepSeek]
        let written = expressions.map(Self.withWrittenLineEnds)
        guard let rule = known.first(where: { $0.expressions == written }) else { return nil }
        self = rule
    }

    /// The expressions of a pre-tokenizer that finds these words; none where numbers are set apart before, or where
    /// spaces are marked.
    var expressions: [String] {
        switch (self.style, self.numbers) {
        case (.gpt2, .run): [Self.gpt2Expression]
        case (.llama3, .atMost(let count)):
            [Self.llama3Expression(letters: self.marksAreLetters ? #"\p{L}\p{M}"# : #"\p{L}"#, numbers: count)]
        case (.cased(let contractions), .atMost(let count)):
            [Self.casedExpression(contractions: contractions, numbers: count)]
        case (.deepSeek, _): Self.deepSeekExpressions
        default: []
        }
    }

    /// An expression in which line ends stand as they are or as escapes, with escapes.
    static func withWrittenLineEnds(_ expression: String) -> String {
        var result = ""
        for scalar in expression.unicodeScalars {
            switch scalar {
            case "\r": result += #"\r"#
            case "\n": result += #"\n"#
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private init(style: Style, numbers: Numbers, marksAreLetters: Bool = false) {
        self.style = style
        self.numbers = numbers
        self.marksAreLetters = marksAreLetters
    }

    private static let gpt2Expression =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    private static let contractions = #"(?i:'s|'t|'re|'ve|'m|'ll|'d)"#
    private static let space = #"\s*[\r\n]+|\s+(?!\S)|\s+"#

    private static func numbers(_ count: Int) -> String { count == 1 ? #"\p{N}"# : #"\p{N}{1,\#(count)}"# }

    private static func llama3Expression(letters: String, numbers: Int) -> String {
        let run = letters.count > 5 ? "[\(letters)]" : letters
        return Self.contractions + #"|[^\r\n\p{L}\p{N}]?"# + run + "+|" + Self.numbers(numbers) + "| ?[^\\s" + letters
            + #"\p{N}]+[\r\n]*|"# + Self.space
    }

    private static func casedExpression(contractions: Bool, numbers: Int) -> String {
        let upper = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
        let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#
        let end = contractions ? Self.contractions + "?" : ""
        return #"[^\r\n\p{L}\p{N}]?"# + upper + "*" + lower + "+" + end
            + #"|[^\r\n\p{L}\p{N}]?"# + upper + "+" + lower + "*" + end
            + "|" + Self.numbers(numbers) + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*|"# + Self.space
    }

    private static let deepSeekExpressions = [
        #"\p{N}{1,3}"#, "[一-龥぀-ゟ゠-ヿ]+",
        ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|"##
            + Self.space,
    ]
}
