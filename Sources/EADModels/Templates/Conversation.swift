package import EADCore

/// A conversation as the prompt of a problem, which is one text.
package struct Conversation: Hashable, Sendable {
    package var messages: [ChatTemplate.Message]

    package init(_ messages: [ChatTemplate.Message]) { self.messages = messages }

    /// What a user says first, or a list of messages in JSON.
    package init(prompt: String) {
        self = Self.written(prompt) ?? Conversation([ChatTemplate.Message(.user, prompt)])
    }

    /// The text that stands for it: what the user says if that is all, else its messages in JSON.
    package var prompt: String {
        if self.messages.count == 1, self.messages[0].role == .user, Self.written(self.messages[0].content) == nil {
            return self.messages[0].content
        }
        return JSONValue.list(
            self.messages.map { message in
                .object([
                    JSONValue.Member("role", .text(message.role.rawValue)),
                    JSONValue.Member("content", .text(message.content)),
                ])
            }
        ).description
    }

    private static func written(_ prompt: String) -> Conversation? {
        guard prompt.utf8.starts(with: #"[{"role":""#.utf8), let value = try? JSONReader.value(of: prompt) else {
            return nil
        }
        return try? Conversation(value)
    }

    /// Why a value is no conversation, as the end of a sentence.
    package struct Fault: Error, Hashable, Sendable {
        package let message: String
    }

    /// Reads messages as data sets write them: a list of objects with `role` and `content`.
    package init(_ value: JSONValue) throws(Fault) {
        guard case .list(let elements) = value, !elements.isEmpty else {
            throw Fault(message: "is not a list of messages")
        }
        var messages: [ChatTemplate.Message] = []
        for (index, element) in elements.enumerated() {
            guard case .object(let members) = element, let role = element["role"]?.text,
                let content = element["content"]?.text
            else { throw Fault(message: "has no texts \"role\" and \"content\" in message \(index + 1)") }
            guard let known = ChatTemplate.Message.Role(rawValue: role) else {
                throw Fault(
                    message:
                        "has the role \"\(role)\" in message \(index + 1); only system, user and assistant are known")
            }
            if let other = members.first(where: { $0.key != "role" && $0.key != "content" && $0.value != .null }) {
                throw Fault(message: "has \"\(other.key)\" in message \(index + 1), which is not implemented")
            }
            messages.append(ChatTemplate.Message(known, content))
        }
        self.messages = messages
    }
}
