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
        guard let rule = [Self.gpt2, .llama3, .qwen2, .qwen35].first(where: { $0.expression == expression }) else {
            return nil
        }
        self = rule
    }

    /// The expression of a pre-tokenizer that finds these words; nil where numbers are set apart before.
    var expression: String? {
        switch (self.style, self.numbers) {
        case (.gpt2, .run): Self.gpt2Expression
        case (.llama3, .atMost(1)): Self.expression(letters: self.letters, numbers: #"\p{N}"#)
        case (.llama3, .atMost(let count)): Self.expression(letters: self.letters, numbers: #"\p{N}{1,\#(count)}"#)
        default: nil
        }
    }

    private var letters: String { self.marksAreLetters ? #"\p{L}\p{M}"# : #"\p{L}"# }

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
