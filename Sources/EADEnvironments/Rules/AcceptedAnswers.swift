/// The answers of a problem, any of which is right, as one text.
struct AcceptedAnswers: Hashable {
    /// At least one.
    let texts: [String]

    /// Stands between answers: a control character that no answer may hold.
    private static let separator: Character = "\u{1E}"

    init(_ text: String) {
        self.texts = text.split(separator: Self.separator, omittingEmptySubsequences: false).map { String($0) }
    }

    init(texts: [String]) {
        precondition(!texts.isEmpty, "a problem has an answer")
        self.texts = texts
    }

    /// The text that stands for them.
    var text: String { self.texts.joined(separator: String(Self.separator)) }

    static func isSeparator(in text: String) -> Bool { text.contains(Self.separator) }
}
