package import EADEnvironments
import EADFiles

extension TaskConfiguration {
    /// The ASDiv file `make run` fetches.
    static let defaultFile = CacheDirectory.Asset.problems

    mutating func visit(_ visitor: some SettingVisitor) {
        let before = self.kind
        visitor.setting(.required("kind"), &self.kind, .choice)
        // The verifier's default depends on the kind.
        if self.kind != before { self = TaskConfiguration(kind: self.kind, heldOut: self.heldOut) }
        visitor.setting(
            .local("path", absent: "`\(Self.defaultFile.rawValue)` in the cache for asdiv-easy"), &self.path,
            SettingType.path.optional)
        visitor.setting("seed", &self.seed, .integer(0...UInt64.max))
        visitor.setting(.required("held_out"), &self.heldOut, .integer(0...Int.max))
        visitor.setting(
            SettingKey("difficulty", absent: "5 for countdown, 8 for paths"), &self.difficulty,
            SettingType.integer(1...100).optional)
        visitor.setting(
            SettingKey("problems", absent: "5000 for countdown and paths"), &self.trainingProblems,
            SettingType.integer(1...1_000_000).optional)
        visitor.setting("prompt", &self.prompt, .choice)
        visitor.setting("system", &self.system, SettingType.text.optional)
        visitor.setting("chat_date", &self.chatDate, SettingType.date.optional)
        visitor.setting("template_arguments", &self.templateArguments, .named("value", .json))
        visitor.section("columns") {
            visitor.setting("prompt", &self.columns.prompt, .text)
            visitor.setting("messages", &self.columns.messages, .text)
            visitor.setting("answer", &self.columns.answer, .text)
            visitor.setting("source", &self.columns.source, .text)
        }
        visitor.setting("template", &self.template, SettingType.text.optional)
        visitor.setting("repeated_prompts", &self.repeatedPrompts, .choice)
        visitor.setting("control_names", &self.controlNames, .choice)
        visitor.setting("overlong_prompts", &self.overlongPrompts, .choice)
        let verifier = SettingKey(
            "verifier", absent: "`equation` for asdiv-easy, `countdown` and `paths` for theirs, else `number`")
        visitor.setting(verifier, &self.verifier, .choice)
        visitor.setting("verifiers", &self.verifiers, .named("verifier", .choice))
        visitor.setting(.local("command"), &self.command, .texts)
        visitor.setting(
            "command_timeout", &self.commandTimeout, .duration(.milliseconds(50) ... .seconds(24 * 3600)))
    }

    /// Settings that are in their ranges and cannot be used together; whether the file exists and holds enough problems is
    /// found out on loading.
    func combinationProblems() -> [SettingProblem] {
        var found: [SettingProblem] = []
        func require(_ condition: Bool, _ path: String, _ message: String) {
            if !condition { found.append(SettingProblem(path, message)) }
        }
        let kind = self.kind.rawValue
        if self.kind.readsFile {
            require(self.path != nil, "path", "must name the data file of \(kind)")
        } else {
            require(self.path == nil, "path", "must be absent: \(kind) makes its problems itself")
        }
        if let range = self.kind.puzzle?.difficulties {
            let fits = self.difficulty.map { range.contains($0) } ?? false
            require(fits, "difficulty", "must be \(range.lowerBound) to \(range.upperBound) for \(kind)")
            require(self.trainingProblems != nil, "problems", "must be a number for \(kind)")
        } else {
            require(self.difficulty == nil, "difficulty", "must be absent: the problems of \(kind) have none")
            require(self.trainingProblems == nil, "problems", "must be absent: \(kind) has the problems it has")
        }
        if let template = self.template {
            require(self.kind == .jsonl, "template", "must be absent: \(kind) has its own")
            let places = template.ranges(of: Self.placeholder).count
            require(places == 1, "template", "must contain \(Self.placeholder) exactly once, not \(places) times")
        }
        require(
            self.kind == .jsonl || self.repeatedPrompts == .refuse, "repeated_prompts",
            "must be absent: \(kind) makes its problems itself")
        require(
            self.kind == .jsonl || self.controlNames == .text, "control_names",
            "must be absent: \(kind) makes its problems itself")
        if self.prompt == .raw {
            require(self.system == nil, "system", "must be absent: only prompts that are chats have such a turn")
            require(self.chatDate == nil, "chat_date", "must be absent: only chat templates write the day")
            require(
                self.templateArguments.isEmpty, "template_arguments",
                "must be absent: only prompts that are chats have a template of the model")
        } else {
            require(self.kind == .jsonl, "prompt", "must be raw: \(kind) shows examples, not a chat")
            require(
                self.controlNames == .text, "control_names",
                "must be text: in a chat the marks are those of the model's template")
        }
        let columns = self.columns.names
        require(
            Set(columns).count == columns.count && !columns.contains(""), "columns",
            "must be different names, none empty")
        require(
            self.kind == .jsonl || self.columns == Columns(), "columns", "must be absent: only jsonl has lines of yours"
        )
        require(
            self.kind == .jsonl || self.verifiers.isEmpty, "verifiers",
            "must be absent: \(kind) has problems of one source")
        if self.runsProgram {
            require(self.command.first?.isEmpty == false, "command", "must name the program that verifies")
            require(!self.command.contains { $0.contains("\0") }, "command", "must not contain a zero byte")
        } else {
            let programs = EnvironmentKind.allCases.filter(\.runsProgram).map(\.rawValue).joined(separator: ", ")
            require(self.command.isEmpty, "command", "must be absent: only the verifier \(programs) runs a program")
        }
        return found
    }

    /// Every setting that cannot be used.
    package func problems() -> [SettingProblem] {
        let checker = SettingChecker()
        var copy = self
        copy.visit(checker)
        return checker.problems + self.combinationProblems()
    }
}
