import EADCore
package import EADModels

/// Demonstrations to tokens: prompts as a task's prompts are encoded, responses as a model would have sampled them.
package struct DemonstrationEncoder: Sendable {
    private enum Form: Sendable {
        case raw(end: TokenID)
        case chat(ChatTemplate)
    }

    private let tokenizer: Tokenizer
    private let form: Form
    /// What stands before conversations that have no system turn.
    private let system: String?
    /// The most tokens of prompt and response together.
    private let contextLength: Int

    /// Texts to go on with.
    package init(_ file: ModelFile, _ tokenizer: Tokenizer) {
        self.tokenizer = tokenizer
        // A model without a token that ends a response is no model that can be opened.
        self.form = .raw(end: tokenizer.ends[0])
        self.system = nil
        self.contextLength = file.shape.contextLength
    }

    /// Turns of a chat.
    package init(_ file: ModelFile, _ tokenizer: Tokenizer, chat: ChatTemplate, system: String?) {
        self.tokenizer = tokenizer
        self.form = .chat(chat)
        self.system = system
        self.contextLength = file.shape.contextLength
    }

    /// Whether lines may hold conversations.
    var isChat: Bool {
        switch self.form {
        case .raw: false
        case .chat: true
        }
    }

    /// - Returns: The demonstration, and whether it fits the model's context.
    func encode(
        prompt: String, response: String, line: Int
    ) throws(JSONLines.LineProblem) -> (Demonstration, fits: Bool) {
        switch self.form {
        case .raw(let end):
            let before = self.tokenizer.encodeDocument(prompt, marksIn: [])
            try self.check(before, spell: prompt, "prompt")
            return self.demonstration(before, try self.continuation(response, of: prompt, before) + [end], line: line)
        case .chat:
            return try self.encode(Conversation([.init(.user, prompt), .init(.assistant, response)]), line: line)
        }
    }

    /// A conversation whose last turn is the response; the turns before it are its prompt.
    func encode(_ conversation: Conversation, line: Int) throws(JSONLines.LineProblem) -> (Demonstration, fits: Bool) {
        guard case .chat(let template) = self.form else { preconditionFailure("only chats have conversations") }
        var messages = conversation.messages
        guard messages.count > 1, messages.last?.role == .assistant else {
            throw JSONLines.LineProblem("does not end with a turn of the assistant after another")
        }
        if let system = self.system, messages[0].role != .system { messages.insert(.init(.system, system), at: 0) }
        let (prompt, whole): ([TokenID], [TokenID])
        do throws(RoleFailure) {
            (prompt, whole) = (
                try template.encode(Array(messages.dropLast())), try template.encode(messages, reply: false)
            )
        } catch {
            throw JSONLines.LineProblem("is no conversation for the chat template: \(error.message)")
        }
        let reply = whole.dropFirst(prompt.count)
        guard whole.starts(with: prompt), let end = reply.firstIndex(where: self.tokenizer.ends.contains) else {
            throw JSONLines.LineProblem(
                "has a response that the chat template does not write behind its prompt, or does not end with a token that "
                    + "ends a response")
        }
        return self.demonstration(prompt, Array(reply[...end]), line: line)
    }

    private func demonstration(
        _ prompt: [TokenID], _ response: [TokenID], line: Int
    ) -> (Demonstration, fits: Bool) {
        let demonstration = Demonstration(line: line, prompt: prompt, response: response)
        return (demonstration, demonstration.tokens <= self.contextLength)
    }

    /// How a demonstration that does not fit is described.
    func tooLong(_ demonstration: Demonstration) -> JSONLines.LineProblem {
        JSONLines.LineProblem(
            "has \(demonstration.tokens) tokens with the end, and the model's context is \(self.contextLength)")
    }

    /// The tokens of a response as they follow those of its prompt.
    private func continuation(
        _ response: String, of prompt: String, _ before: [TokenID]
    ) throws(JSONLines.LineProblem) -> [TokenID] {
        let alone = self.tokenizer.encode(response, special: false)
        if self.tokenizer.decode(alone) == response { return alone }
        // A tokenizer that marks the beginning of a text does so only there.
        let together = self.tokenizer.encodeDocument(prompt + response, marksIn: [])
        let rest = Array(together.dropFirst(before.count))
        if together.starts(with: before), self.tokenizer.decode(rest) == response { return rest }
        try self.check(alone, spell: response, "response")
        throw JSONLines.LineProblem("has a response that the tokenizer writes otherwise behind its prompt")
    }

    /// A tokenizer leaves out what it has no token for.
    private func check(_ tokens: [TokenID], spell text: String, _ what: String) throws(JSONLines.LineProblem) {
        let spelled = self.tokenizer.decode(tokens, special: false)
        // Texts that differ in their normal form only are equal.
        guard spelled != text, spelled != " " + text else { return }
        let known = Set(spelled.unicodeScalars)
        let missing = text.unicodeScalars.filter { !known.contains($0) }.map { String($0).debugDescription }
        let unknown = Set(missing).sorted().prefix(8).joined(separator: ", ")
        throw JSONLines.LineProblem(
            "has a \(what) that the tokenizer cannot write" + (unknown.isEmpty ? "" : ": it has no \(unknown)"))
    }
}
