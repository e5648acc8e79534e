import EADCore
import EADModels

/// The task `jsonl`: lines `{"prompt": ..., "answer": ...}` of the user's own; other keys are ignored.
enum UserProblems {
    /// The problems in file order, each prompt set into the template if there is one, and how many lines repeat a problem
    /// and are left out.
    ///
    /// Prompts that look the same, though written with other characters, are different problems of one family: one is never
    /// trained on while another is held out.
    static func read(
        _ file: JSONLines, _ configuration: TaskConfiguration
    ) throws(TaskError) -> (items: [TaskSource.Item], repeated: Int) {
        var items: [TaskSource.Item] = []
        var firsts: [[UInt8]: TaskSource.Item] = [:]
        var repeated = 0
        try file.forEach { object throws(JSONLines.LineProblem) in
            var item = try Self.prompt(object, configuration)
            item.answer = try Self.answer(object, configuration)
            if let first = firsts[Array(item.family.utf8)] {
                switch configuration.repeatedPrompts {
                case .keep: break
                case .drop where item.answer == first.answer:
                    repeated += 1
                    return
                case .drop:
                    throw JSONLines.LineProblem("repeats the prompt of line \(first.line) with another answer")
                case .refuse:
                    throw JSONLines.LineProblem(
                        "repeats the prompt of line \(first.line); remove one, or set task.repeated_prompts: keep or drop"
                    )
                }
            } else {
                firsts[Array(item.family.utf8)] = item
            }
            items.append(item)
        }
        return (items, repeated)
    }

    /// The problem of a line, without its answer.
    private static func prompt(
        _ object: JSONLines.Object, _ task: TaskConfiguration
    ) throws(JSONLines.LineProblem) -> TaskSource.Item {
        let columns = task.columns
        guard object.has(columns.messages) else {
            let prompt = try object.text(columns.prompt)
            if let problem = Self.problem(of: prompt, columns.prompt) { throw JSONLines.LineProblem(problem) }
            var text = task.template?.replacing(TaskConfiguration.placeholder, with: prompt) ?? prompt
            if task.prompt == .chat {
                text = Conversation(task.system.map { [.init(.system, $0)] } ?? []).adding(.init(.user, text)).prompt
            }
            return TaskSource.Item(line: object.number, family: prompt, prompt: text, answer: "")
        }
        guard task.prompt == .chat else {
            throw JSONLines.LineProblem("has \"\(columns.messages)\", which needs task.prompt: chat")
        }
        guard !object.has(columns.prompt) || columns.prompt == columns.messages else {
            throw JSONLines.LineProblem("has both \"\(columns.messages)\" and \"\(columns.prompt)\"")
        }
        guard task.template == nil else {
            throw JSONLines.LineProblem("has \"\(columns.messages)\", which task.template has no place for")
        }
        var conversation = try object.conversation(columns.messages)
        for message in conversation.messages {
            if let problem = Self.problem(of: message.content, columns.messages) {
                throw JSONLines.LineProblem(problem)
            }
        }
        guard conversation.messages.last?.role == .user else {
            throw JSONLines.LineProblem("\"\(columns.messages)\" does not end with a user's turn")
        }
        let family = conversation.prompt
        if let system = task.system, conversation.messages[0].role != .system {
            conversation.messages.insert(.init(.system, system), at: 0)
        }
        return TaskSource.Item(line: object.number, family: family, prompt: conversation.prompt, answer: "")
    }

    private static func problem(of prompt: String, _ key: String) -> String? {
        guard prompt.unicodeScalars.contains(where: { $0 == "\u{8}" || $0 == "\u{C}" }) else { return nil }
        return UnescapedTeX.command(in: prompt).map { Self.escape(key, $0) }
    }

    /// The answer as the verifier compares it, or several of which any is right.
    private static func answer(
        _ object: JSONLines.Object, _ task: TaskConfiguration
    ) throws(JSONLines.LineProblem) -> String {
        let key = task.columns.answer
        guard let texts = try object.list(key) else {
            return try Self.answer(object.textOrNumber(key), key, task.verifier)
        }
        guard texts.count == 1 || !task.verifier.runsProgram else {
            throw JSONLines.LineProblem("\"\(key)\" is a list, and a program is given one answer")
        }
        var answers: [String] = []
        for text in texts { answers.append(try Self.answer(text, key, task.verifier)) }
        return AcceptedAnswers(texts: answers).text
    }

    private static func answer(
        _ text: String, _ key: String, _ verifier: EnvironmentKind
    ) throws(JSONLines.LineProblem) -> String {
        if let command = UnescapedTeX.command(in: text) { throw JSONLines.LineProblem(Self.escape(key, command)) }
        guard !AcceptedAnswers.isSeparator(in: text) else {
            throw JSONLines.LineProblem("\"\(key)\" holds the control character U+001E")
        }
        let answer = verifier.answer(from: text)
        guard let problem = verifier.problem(of: answer) else { return answer }
        throw JSONLines.LineProblem(
            "\"\(key)\" \(problem), so the verifier \(verifier.rawValue) cannot use it: '\(answer)'")
    }

    private static func escape(_ key: String, _ command: String) -> String {
        "\"\(key)\" holds a control character where \\\(command) was meant; JSON writes a backslash as \\\\: "
            + "\\\\\(command)"
    }
}

extension Conversation {
    fileprivate func adding(_ message: ChatTemplate.Message) -> Conversation { Conversation(self.messages + [message]) }
}
