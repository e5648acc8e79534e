import EADCore
import EADModels

/// The task `jsonl`: lines `{"prompt": ..., "answer": ...}` of the user's own; what else they say is for verifier
/// programs.
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
        var unseen = Set(configuration.verifiers.keys)
        try file.forEach { object throws(JSONLines.LineProblem) in
            var item = try Self.prompt(object, configuration)
            let source = try Self.source(object, configuration)
            unseen.remove(source)
            guard let verifier = configuration.verifier(of: source) else {
                let known = configuration.verifiers.keys.sorted().joined(separator: ", ")
                throw JSONLines.LineProblem("is from \"\(source)\", and task.verifiers has verifiers for \(known) only")
            }
            item.answer = try Self.answer(object, configuration.columns.answer, verifier)
            item.source = source
            // It travels with the problem: nobody else reads it.
            if verifier.runsProgram { item.metadata = try Self.metadata(object, configuration.columns) }
            if let first = firsts[Array(item.family.utf8)] {
                switch configuration.repeatedPrompts {
                case .keep: break
                case .drop where item.answer == first.answer && item.source == first.source:
                    repeated += 1
                    return
                case .drop:
                    throw JSONLines.LineProblem(
                        "repeats the prompt of line \(first.line) with another answer or source")
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
        guard unseen.isEmpty else { throw .unknownSources(path: file.path, unseen.sorted()) }
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

    /// What decides how the line is scored; empty if nothing of the kind.
    private static func source(
        _ object: JSONLines.Object, _ task: TaskConfiguration
    ) throws(JSONLines.LineProblem) -> String {
        guard !task.verifiers.isEmpty, object.has(task.columns.source) else { return "" }
        return try object.text(task.columns.source)
    }

    /// What the line says besides prompt and answer.
    private static func metadata(
        _ object: JSONLines.Object, _ columns: TaskConfiguration.Columns
    ) throws(JSONLines.LineProblem) -> String {
        let members = object.members(except: [columns.prompt, columns.messages, columns.answer])
        guard !members.isEmpty else { return "" }
        let text = JSONValue.object(members).description
        guard text.utf8.count <= Self.longestMetadata else {
            throw JSONLines.LineProblem(
                "says \(text.utf8.count) bytes besides prompt and answer, and a verifier program is given at most "
                    + "\(Self.longestMetadata)")
        }
        return text
    }

    /// A lease must have room for it beside the prompt.
    private static let longestMetadata = 1 << 18

    /// The answer as the verifier compares it, or several of which any is right.
    private static func answer(
        _ object: JSONLines.Object, _ key: String, _ verifier: EnvironmentKind
    ) throws(JSONLines.LineProblem) -> String {
        guard let texts = try object.list(key) else {
            return try Self.answer(object.textOrNumber(key), key, verifier)
        }
        guard texts.count == 1 || !verifier.runsProgram else {
            throw JSONLines.LineProblem("\"\(key)\" is a list, and a program is given one answer")
        }
        var answers: [String] = []
        for text in texts { answers.append(try Self.answer(text, key, verifier)) }
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
