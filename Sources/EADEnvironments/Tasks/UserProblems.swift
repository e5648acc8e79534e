/// The task `jsonl`: lines `{"prompt": ..., "answer": ...}` of the user's own; other keys are ignored.
enum UserProblems {
    /// The problems in file order, each prompt set into the template if there is one.
    ///
    /// A prompt that occurred before is refused: it could be trained on and held out at once.
    static func read(_ file: JSONLines, _ configuration: TaskConfiguration) throws(TaskError) -> [TaskSource.Item] {
        var items: [TaskSource.Item] = []
        var firstLines: [String: Int] = [:]
        try file.forEach { object throws(JSONLines.LineProblem) in
            let prompt = try object.text("prompt")
            let answer = try object.text("answer")
            if let problem = configuration.verifier.problem(of: answer) {
                let verifier = configuration.verifier.rawValue
                throw JSONLines.LineProblem(
                    "\"answer\" \(problem), so the verifier \(verifier) cannot use it: '\(answer)'")
            }
            if let first = firstLines[prompt] {
                throw JSONLines.LineProblem("repeats the prompt of line \(first)")
            }
            firstLines[prompt] = object.number
            let text = configuration.template?.replacing(TaskConfiguration.placeholder, with: prompt) ?? prompt
            items.append(TaskSource.Item(family: prompt, prompt: text, answer: answer))
        }
        return items
    }
}
