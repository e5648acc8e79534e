package import EADCore
import EADTemplates

/// How the turns of a conversation become tokens: the template that comes with a model.
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

    private let tokenizer: Tokenizer
    private let template: Template
    /// Where the template is from, for messages.
    private let path: String
    /// What its names stand for besides the conversation.
    private let variables: [String: TemplateValue]
    private let date: CalendarDate?
    private let source: ChatTemplateSource

    /// - Parameters:
    ///   - date: What the template takes for the day; nil refuses a template that asks for it.
    ///   - arguments: What it is given besides the conversation, such as `enable_thinking` or `tools`.
    /// - Throws: `ModelFileError` when the model has no template, or one with something that is not implemented, or that
    ///   does not ask for an argument.
    package init(
        _ file: ModelFile, _ tokenizer: Tokenizer, date: CalendarDate? = nil, arguments: [String: JSONValue] = [:]
    ) throws(ModelFileError) {
        let source = try ChatTemplateSource(file, tokenizer)
        self.tokenizer = tokenizer
        self.path = source.path
        self.source = source
        func fault(_ message: String, _ advice: String) -> ModelFileError {
            ModelFileError(.unsupported, file: source.path, message, advice: advice)
        }
        do throws(TemplateError) {
            self.template = try Template(source.text)
        } catch {
            throw fault(error.description, "use raw prompts, or a model with another template")
        }
        guard date != nil || !self.template.usesDate else {
            throw fault(
                "the chat template writes the day into prompts, and the same run must write the same one every day",
                "say which: task.chat_date in a cluster file, or --date")
        }
        self.date = date
        var variables: [String: TemplateValue] = ["tools": .none, "documents": .none]
        for (name, text) in source.names { variables[name] = .text(text) }
        let given = Set(variables.keys).subtracting(["tools", "documents"]).union(["messages", "add_generation_prompt"])
        for (name, value) in arguments.sorted(by: { $0.key < $1.key }) {
            guard !given.contains(name) else {
                throw fault(
                    "the template's \(name) is no argument: it follows from the conversation and the model",
                    "leave it out of task.template_arguments, or --template-argument")
            }
            guard self.template.names.contains(name) else {
                throw fault(
                    "the chat template does not ask for \(name)",
                    "leave it out of task.template_arguments, or --template-argument; the template asks for "
                        + self.template.names.sorted().joined(separator: ", "))
            }
            // Text like that of messages: what it spells is never a mark.
            variables[name] = TemplateValue(value, isOutside: true)
        }
        self.variables = variables
    }

    /// Gives everything of the model's files that decides what prompts are made of conversations, in a fixed order.
    package func forEachDefiningPart(_ body: (UnsafeRawBufferPointer) -> Void) {
        let names = self.source.names.map { "\($0.name)=\($0.text)" }.sorted()
        for text in [self.source.text] + names {
            withUnsafeBytes(of: UInt64(text.utf8.count), body)
            Array(text.utf8).withUnsafeBytes(body)
        }
    }

    /// The tokens of a conversation; names of control tokens within messages are plain text.
    ///
    /// - Parameter reply: whether the beginning of the assistant's turn follows, for the model to go on.
    /// - Throws: `RoleFailure` when the template refuses the conversation.
    package func encode(_ messages: [Message], reply: Bool = true) throws(RoleFailure) -> [TokenID] {
        var variables = self.variables
        variables["messages"] = .list(
            messages.map { message in
                var members = TemplateMapping()
                // A role is a word of a few, no text from outside: templates make marks of it.
                members["role"] = .text(message.role.rawValue)
                members["content"] = .text(TemplateText(message.content, isOutside: true))
                return .mapping(members)
            })
        variables["add_generation_prompt"] = .flag(reply)
        do throws(TemplateError) {
            // A template that does not ask for the day gets any.
            let text = try self.template.render(
                variables, date: self.date ?? CalendarDate(year: 2000, month: 1, day: 1))
            return self.tokenizer.encode(text.string, marksIn: text.ownRanges)
        } catch {
            throw RoleFailure(.data, "\(self.path): \(error.description)")
        }
    }
}
