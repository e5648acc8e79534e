package import EADCore
package import EADModels

/// Prompts to tokens: names of control tokens in the text of a problem stay text, those in the task's template are marks.
package struct PromptEncoder: Sendable {
    private let tokenizer: Tokenizer
    /// The template's UTF-8 before and after the problem's text.
    private let before: [UInt8]
    private let after: [UInt8]
    /// Whether names in the problem's text are marks as well.
    private let trustsText: Bool

    /// - Throws: `RoleFailure` when the template has a mark that is no control token of the model.
    package init(_ tokenizer: Tokenizer, task: TaskConfiguration? = nil) throws(RoleFailure) {
        self.tokenizer = tokenizer
        let sides =
            task?.template?.split(separator: TaskConfiguration.placeholder, omittingEmptySubsequences: false) ?? []
        self.before = sides.first.map { Array($0.utf8) } ?? []
        self.after = sides.count == 2 ? Array(sides[1].utf8) : []
        self.trustsText = task?.controlNames == .tokens
        for side in sides {
            guard let name = Self.marks(in: side).first(where: { tokenizer.controlToken(named: $0) == nil }) else {
                continue
            }
            let known = tokenizer.controlNames.prefix(12).joined(separator: ", ")
            throw RoleFailure(
                .configuration,
                "task.template has the mark \(name), which is no control token of the model; it has \(known)")
        }
    }

    /// What looks like the name of a control token: `<|...|>`.
    private static func marks(in text: Substring) -> [String] {
        text.matches(of: /<\|[^<>|\s]+\|>/).map { String($0.output) }
    }

    package func encode(_ prompt: String) -> [TokenID] {
        let utf8 = Array(prompt.utf8)
        if self.trustsText { return self.tokenizer.encode(prompt) }
        guard utf8.count >= self.before.count + self.after.count, utf8.starts(with: self.before),
            utf8.suffix(self.after.count).elementsEqual(self.after)
        else { return self.tokenizer.encode(prompt, special: false) }
        return self.tokenizer.encode(
            prompt, marksIn: [0..<self.before.count, (utf8.count - self.after.count)..<utf8.count])
    }
}
