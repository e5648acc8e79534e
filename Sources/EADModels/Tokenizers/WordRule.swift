/// How text is cut into the words within which bytes may merge: what a pre-tokenizer's regular expression says.
///
/// A file's expression selects a rule by equality; no expression is ever run.
struct WordRule: Hashable, Sendable {
    enum Style: Hashable, Sendable {
        /// A contraction, a run of letters, of numbers or of other characters, each with one space before it, or white
        /// space.
        case gpt2
        /// A contraction in any case, a run of letters with any character but a line end before it, a few numbers, a run
        /// of other characters with the line ends after it, or white space up to a line end.
        case llama3
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

    static let gpt2 = WordRule(style: .gpt2, numbers: .run, marksAreLetters: false)
    static let smollm = WordRule(style: .gpt2, numbers: .apart, marksAreLetters: false)
    static let llama3 = WordRule(style: .llama3, numbers: .atMost(3), marksAreLetters: false)
    static let qwen2 = WordRule(style: .llama3, numbers: .atMost(1), marksAreLetters: false)
    static let qwen35 = WordRule(style: .llama3, numbers: .atMost(1), marksAreLetters: true)

    /// The rule of an expression as tokenizer.json writes it; nil for any other.
    init?(expression: String) {
        switch expression {
        case Self.gpt2Expression: self = .gpt2
        case Self.expression(letters: #"\p{L}"#, numbers: #"\p{N}{1,3}"#): self = .llama3
        case Self.expression(letters: #"\p{L}"#, numbers: #"\p{N}"#): self = .qwen2
        case Self.expression(letters: #"\p{L}\p{M}"#, numbers: #"\p{N}"#): self = .qwen35
        default: return nil
        }
    }

    private init(style: Style, numbers: Numbers, marksAreLetters: Bool) {
        self.style = style
        self.numbers = numbers
        self.marksAreLetters = marksAreLetters
    }

    private static let gpt2Expression =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    private static func expression(letters: String, numbers: String) -> String {
        let run = letters.count > 5 ? "[\(letters)]" : letters
        return #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?"# + run + "+|" + numbers + "| ?[^\\s" + letters
            + #"\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }
}
