/// What data sets put around an answer to format it: dollar signs, a box.
enum AnswerSheath {
    /// The text within; the text itself if nothing is around it, or if it holds several formulas.
    static func removed(from text: String) -> String {
        var inner = ScalarText(text)
        for _ in 0..<4 {
            let next = self.once(inner)
            if next.count == inner.count { break }
            inner = next
        }
        return inner.string
    }

    private static let formulas = [("$$", "$$"), ("$", "$"), (#"\("#, #"\)"#), (#"\["#, #"\]"#)]

    private static func once(_ text: ScalarText) -> ScalarText {
        let text = text.trimmed
        for (opening, closing) in self.formulas {
            if let inner = self.dropping(opening, closing, of: text) { return inner }
        }
        for command in TeXCommand.boxes.sorted() {
            let opening = "\\\(command){"
            if text.first(opening) == 0, let closed = text.closedBraces(from: 0), closed.upperBound == text.count {
                return text[opening.unicodeScalars.count..<(text.count - 1)]
            }
        }
        return text
    }

    /// The text between two marks at its ends; nil if they are not there, or if there are more of them.
    static func dropping(_ opening: String, _ closing: String, of text: ScalarText) -> ScalarText? {
        let width = opening.unicodeScalars.count
        guard text.count > 2 * width, text.first(opening) == 0, text.last(closing) == text.count - width else {
            return nil
        }
        let inner = text[width..<(text.count - width)]
        return inner.first(closing) == nil && inner.scalars.last != "\\" ? inner.trimmed : nil
    }
}
