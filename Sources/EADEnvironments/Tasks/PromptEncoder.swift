package import EADCore
package import EADModels

/// Prompts to tokens: names of control tokens in the text of a problem stay text, those in the task's template, or in the
/// model's chat template, are marks.
package struct PromptEncoder: Sendable {
    private enum Form: Sendable {
        /// The text as it is; the template's UTF-8 stands before and after the problem's.
        case raw(Tokenizer, before: [UInt8], after: [UInt8], trustsText: Bool)
        case chat(ChatTemplate)
    }

    private let form: Form

    private init(_ form: Form) { self.form = form }

    /// How prompts become tokens that are no chat.
    /// - Throws: `RoleFailure` when the template has a mark that is no control token of the model.
    package init(_ tokenizer: Tokenizer, task: TaskConfiguration? = nil) throws(RoleFailure) {
        let sides =
            task?.template?.split(separator: TaskConfiguration.placeholder, omittingEmptySubsequences: false) ?? []
        self.form = .raw(
            tokenizer, before: sides.first.map { Array($0.utf8) } ?? [],
            after: sides.count == 2 ? Array(sides[1].utf8) : [], trustsText: task?.controlNames == .tokens)
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

    /// How the prompts of a task become tokens of a model.
    /// - Throws: `RoleFailure` when the task's template is not made for the model; `ModelFileError` when the task asks for
    ///   chats and the model has no template for them that can be used.
    package init(_ file: ModelFile, _ tokenizer: Tokenizer, task: TaskConfiguration) throws {
        switch task.prompt {
        case .raw: try self.init(tokenizer, task: task)
        case .chat:
            self.init(
                .chat(
                    try ChatTemplate(file, tokenizer, date: task.chatDate, arguments: task.templateArguments)))
        }
    }

    /// What looks like the name of a control token: `<|...|>`.
    private static func marks(in text: Substring) -> [String] {
        text.matches(of: /<\|[^<>|\s]+\|>/).map { String($0.output) }
    }

    /// The model's chat template; nil when prompts are no chats.
    package var template: ChatTemplate? {
        switch self.form {
        case .raw: nil
        case .chat(let template): template
        }
    }

    /// Whether the model's template decides how long a prompt is, and may refuse it.
    package var isChat: Bool { self.template != nil }

    /// - Throws: `RoleFailure` when the model's chat template refuses the conversation.
    package func encode(_ prompt: String) throws(RoleFailure) -> [TokenID] {
        switch self.form {
        case .raw(let tokenizer, let before, let after, let trustsText):
            let utf8 = Array(prompt.utf8)
            if trustsText { return tokenizer.encodeDocument(prompt, marksIn: [0..<utf8.count]) }
            guard utf8.count >= before.count + after.count, utf8.starts(with: before),
                utf8.suffix(after.count).elementsEqual(after)
            else { return tokenizer.encodeDocument(prompt, marksIn: []) }
            return tokenizer.encodeDocument(
                prompt, marksIn: [0..<before.count, (utf8.count - after.count)..<utf8.count])
        case .chat(let template): return try template.encode(Conversation(prompt: prompt).messages)
        }
    }
}
