/// The task `asdiv-easy`: word problems of ASDiv (Miao, Liang and Su, ACL 2020) answered by an equation.
///
/// The file has one `{"passage": ..., "question": ..., "answer": "9 apples"}` per line; the passage may be missing.
/// Of its 2305 problems 2082 have a plain number with an optional unit as their answer, and 274 of those are easy.
enum WordProblems {
    /// The easy problems in file order: exactly two numbers, in digits or words up to twelve, both at most 20; a whole
    /// answer of at most 20; a text shorter than 170 characters.
    static func easy(in file: JSONLines) throws(TaskError) -> [TaskSource.Item] {
        var items: [TaskSource.Item] = []
        try file.forEach { object throws(JSONLines.LineProblem) in
            let question = Self.trimmed(try object.text("question"))
            let passage = object.has("passage") ? Self.trimmed(try object.text("passage")) : ""
            let answer = Self.numericAnswer(try object.text("answer"))
            let text = passage.isEmpty ? question : "\(passage) \(question)"
            guard let answer, let value = Int(answer), value <= 20, text.count < 170 else { return }
            let numbers = Self.numbers(in: text)
            guard numbers.count == 2, numbers.allSatisfy({ $0 <= 20 }) else { return }
            items.append(
                TaskSource.Item(line: object.number, family: text, prompt: Self.prompt(for: text), answer: answer))
        }
        guard !items.isEmpty else { throw .empty(path: file.path, wanted: "easy ASDiv problems") }
        return items
    }

    /// The number of an answer like `9` or `9 red apples`; nil for anything else, such as `3:30 p.m.` or `1/2`.
    static func numericAnswer(_ text: String) -> String? {
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard Self.isNumber(parts[0]) else { return nil }
        if parts.count == 2 {
            guard let first = parts[1].first, first.isASCII, first.isLetter, !parts[1].contains(where: \.isNumber)
            else { return nil }
        }
        return String(parts[0])
    }

    /// Every number in the text, digits or words from zero to twelve, in order.
    static func numbers(in text: String) -> [Double] {
        var found: [Double] = []
        var rest = Substring(text)
        while let character = rest.first {
            if character.isASCII, character.isNumber {
                let token = Self.leadingNumber(of: rest)
                if let number = Double(token) { found.append(number) }
                rest = rest[token.endIndex...]
            } else if character.isASCII, character.isLetter {
                let word = rest.prefix { $0.isASCII && $0.isLetter }
                if let number = Self.words.firstIndex(of: word.lowercased()) { found.append(Double(number)) }
                rest = rest[word.endIndex...]
            } else {
                rest = rest.dropFirst()
            }
        }
        return found
    }

    /// Two solved questions in our own words, then the question; the answer is the rest of the last line.
    private static func prompt(for text: String) -> String {
        """
        Question: Mia picked 3 pears and Tom picked 4 pears. How many pears did they pick together?
        Answer: 3 + 4 = 7

        Question: A shelf held 9 cups. Then 5 of them were taken away. How many cups are left?
        Answer: 9 - 5 = 4

        Question: \(text)
        Answer:
        """
    }

    private static let words = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    ]

    private static func isNumber(_ text: Substring) -> Bool {
        text.first?.isNumber == true && Self.leadingNumber(of: text).endIndex == text.endIndex
    }

    /// The longest prefix `digits[.digits]`; the text starts with a digit.
    private static func leadingNumber(of text: Substring) -> Substring {
        let whole = text.prefix { $0.isASCII && $0.isNumber }
        let rest = text[whole.endIndex...]
        guard rest.first == "." else { return whole }
        let fraction = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
        return fraction.isEmpty ? whole : text[..<fraction.endIndex]
    }

    private static func trimmed(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
