/// The task `jsonl`: lines `{"prompt": ..., "answer": ...}` of the user's own; other keys are ignored.
enum UserProblems {
    /// The problems in file order, each prompt set into the template if there is one.
    ///
    /// Prompts that look the same, though written with other characters, are different problems of one family: one is never
    /// trained on while another is held out.
    static func read(_ file: JSONLines, _ configuration: TaskConfiguration) throws(TaskError) -> [TaskSource.Item] {
        var items: [TaskSource.Item] = []
        var firstLines: [[UInt8]: Int] = [:]
        try file.forEach { object throws(JSONLines.LineProblem) in
            let prompt = try object.text("prompt")
            if let problem = Self.problem(ofPrompt: prompt) { throw JSONLines.LineProblem(problem) }
            let answer = try Self.answer(object, configuration.verifier)
            if let first = firstLines[Array(prompt.utf8)], configuration.repeatedPrompts == .refuse {
                throw JSONLines.LineProblem(
                    "repeats the prompt of line \(first); remove one, or set task.repeated_prompts: keep")
            }
            firstLines[Array(prompt.utf8)] = firstLines[Array(prompt.utf8)] ?? object.number
            let text = configuration.template?.replacing(TaskConfiguration.placeholder, with: prompt) ?? prompt
            items.append(TaskSource.Item(line: object.number, family: prompt, prompt: text, answer: answer))
        }
        return items
    }

    private static func problem(ofPrompt prompt: String) -> String? {
        guard prompt.unicodeScalars.contains(where: { $0 == "\u{8}" || $0 == "\u{C}" }) else { return nil }
        return UnescapedTeX.command(in: prompt).map { Self.escape("prompt", $0) }
    }

    /// The answer as the verifier compares it.
    private static func answer(
        _ object: JSONLines.Object, _ verifier: EnvironmentKind
    ) throws(JSONLines.LineProblem) -> String {
        let text = try object.textOrNumber("answer")
        if let command = UnescapedTeX.command(in: text) { throw JSONLines.LineProblem(Self.escape("answer", command)) }
        let answer = verifier.answer(from: text)
        guard let problem = verifier.problem(of: answer) else { return answer }
        throw JSONLines.LineProblem(
            "\"answer\" \(problem), so the verifier \(verifier.rawValue) cannot use it: '\(answer)'")
    }

    private static func escape(_ key: String, _ command: String) -> String {
        "\"\(key)\" holds a control character where \\\(command) was meant; JSON writes a backslash as \\\\: "
            + "\\\\\(command)"
    }
}
