package import EADCore

/// The ChatML format of SmolLM2: how the turns of a conversation become tokens.
///
/// Model files carry their format as a Jinja template. None is evaluated here: the one of SmolLM2 is recognised, and any
/// other is an error.
package struct ChatTemplate: Sendable {
    package struct Message: Hashable, Sendable, Codable {
        package enum Role: String, Hashable, Sendable, Codable, CaseIterable {
            case system, user, assistant
        }

        package var role: Role
        package var content: String

        package init(_ role: Role, _ content: String) {
            self.role = role
            self.content = content
        }
    }

    /// What stands first when the conversation does not begin with a system message.
    static let defaultSystem = Message(
        .system, "You are a helpful AI assistant named SmolLM, trained by Hugging Face")

    private let tokenizer: Tokenizer
    private let start: TokenID
    private let end: TokenID

    /// - Throws: `ModelFileError` when the file has no template or another one.
    package init(_ file: ModelFile, _ tokenizer: Tokenizer) throws(ModelFileError) {
        let metadata = try file.ggufMetadata()
        guard let template = try metadata.text("tokenizer.chat_template") else {
            throw metadata.fault(
                .unsupported, "the model has no chat template", advice: "use raw prompts, or a model tuned for chat")
        }
        guard template == Self.known else {
            throw metadata.fault(
                .unsupported, "the chat template is not the ChatML template of SmolLM2, the only one implemented",
                advice: "use raw prompts, or SmolLM2-Instruct")
        }
        guard let start = tokenizer.controlToken(named: "<|im_start|>"),
            let end = tokenizer.controlToken(named: "<|im_end|>")
        else {
            throw metadata.fault(.unsupported, "the vocabulary lacks the tokens <|im_start|> and <|im_end|>")
        }
        self.tokenizer = tokenizer
        self.start = start
        self.end = end
    }

    /// The template as SmolLM2's files spell it.
    private static let known =
        "{% for message in messages %}"
        + "{% if loop.first and messages[0]['role'] != 'system' %}"
        + "{{ '<|im_start|>system\n\(Self.defaultSystem.content)<|im_end|>\n' }}"
        + "{% endif %}"
        + "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
        + "{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"

    /// The tokens of a conversation; names of control tokens within messages are plain text.
    ///
    /// - Parameter reply: whether the beginning of the assistant's turn follows, for the model to go on.
    package func encode(_ messages: [Message], reply: Bool = true) -> [TokenID] {
        var tokens: [TokenID] = []
        for message in Self.withSystem(messages) {
            tokens.append(self.start)
            tokens += self.tokenizer.encode("\(message.role.rawValue)\n\(message.content)", special: false)
            tokens.append(self.end)
            tokens += self.tokenizer.encode("\n", special: false)
        }
        if reply {
            tokens.append(self.start)
            tokens += self.tokenizer.encode("assistant\n", special: false)
        }
        return tokens
    }

    private static func withSystem(_ messages: [Message]) -> [Message] {
        guard let first = messages.first, first.role != .system else { return messages }
        return [Self.defaultSystem] + messages
    }
}
