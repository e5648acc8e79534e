package import EADCore

/// Which problems are trained on, which are held out, and how responses are scored.
package struct TaskConfiguration: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The 274 ASDiv word problems with two numbers and an answer of at most 20, asked as
        /// two-example questions whose answer is an equation; `path` names the ASDiv file.
        case asdivEasy = "asdiv-easy"
        /// The 8100 sums of two numbers of two digits, asked after three examples.
        case add2
        /// Puzzles of numbers to be joined until a target is left; see `Countdown`.
        case countdown
        /// Puzzles of ways from one number to another; see `NumberPath`.
        case paths
        /// The user's problems: a file of lines `{"prompt": ..., "answer": ...}`, or with `messages` for a conversation.
        case jsonl

        /// What its problems are, if they are made with a difficulty.
        package var puzzle: (any Puzzle.Type)? {
            switch self {
            case .countdown: Countdown.self
            case .paths: NumberPath.self
            case .asdivEasy, .add2, .jsonl: nil
            }
        }

        /// Whether problems are read from a file.
        package var readsFile: Bool { self == .asdivEasy || self == .jsonl }

        var defaultVerifier: EnvironmentKind {
            switch self {
            case .asdivEasy: .equation
            case .add2, .jsonl: .number
            case .countdown: .countdown
            case .paths: .paths
            }
        }

        var defaultDifficulty: Int? {
            switch self {
            case .countdown: 5
            case .paths: 8
            case .asdivEasy, .add2, .jsonl: nil
            }
        }
    }

    package var kind: Kind
    /// The data file, relative to the cluster file's directory; nil where problems are made.
    package var path: String?
    /// Fixes the split into training and held-out problems, and their order.
    package var seed: UInt64
    /// Problems held out for evaluation; the rest is trained on.
    package var heldOut: Int
    /// For puzzles: how hard they are; else nil.
    package var difficulty: Int?
    /// For puzzles: how many are trained on; else nil.
    package var trainingProblems: Int?
    /// Whether prompts are texts that the model goes on with, or turns of a chat.
    package var prompt: PromptForm
    /// For chats: what stands first, before prompts that bring nothing of the kind; nil leaves it to the model's template.
    package var system: String?
    /// For chats: what the model's template takes for the day.
    package var chatDate: CalendarDate?
    /// For chats: what the model's template is given besides the conversation, by name.
    package var templateArguments: [String: JSONValue]
    /// For `jsonl`: what the members of a line are called.
    package var columns: Columns
    /// For `jsonl`: the text around each prompt, such as few-shot examples, with `{prompt}` where it goes.
    package var template: String?
    /// For `jsonl`: what happens to a prompt that occurred before.
    package var repeatedPrompts: RepeatedPrompts
    /// For `jsonl`: what the names of control tokens in a prompt are.
    package var controlNames: ControlNames
    package var overlongPrompts: OverlongPrompts
    package var verifier: EnvironmentKind
    /// For `jsonl`: the verifiers of problems that name their source, by source; without any, `verifier` is that of every
    /// problem.
    package var verifiers: [String: EnvironmentKind]
    /// For a verifier that runs a program: the program and its arguments; else empty.
    package var command: [String]
    /// How long the program may take for one response.
    package var commandTimeout: Duration

    /// What is to happen to a prompt behind which the longest response does not fit in the model's context.
    package enum OverlongPrompts: String, Hashable, Sendable, CaseIterable {
        /// It is an error.
        case refuse
        /// It is left out of its side of the split, and counted.
        case drop
    }

    package enum PromptForm: String, Hashable, Sendable, CaseIterable {
        /// The text as it is.
        case raw
        /// The user's turn of a chat, or a whole conversation, written by the model's chat template.
        case chat
    }

    /// The keys of a line.
    package struct Columns: Hashable, Sendable {
        package var prompt = "prompt"
        package var messages = "messages"
        package var answer = "answer"
        package var source = "source"

        /// All of them.
        package var names: [String] { [self.prompt, self.messages, self.answer, self.source] }

        package init() {}
    }

    package enum RepeatedPrompts: String, Hashable, Sendable, CaseIterable {
        /// The file is refused.
        case refuse
        /// It is left out if its answer is the same, and counted; with another answer the file is refused.
        case drop
        /// Each is a problem, on the same side of the split.
        case keep
    }

    package enum ControlNames: String, Hashable, Sendable, CaseIterable {
        /// Text like any other; those of the template are marks.
        case text
        /// The tokens they name: the prompts were written with marks by somebody who is trusted.
        case tokens
    }

    /// A nil verifier, difficulty or number of training problems stands for the kind's own.
    package init(
        kind: Kind, path: String? = nil, seed: UInt64 = 0, heldOut: Int, template: String? = nil,
        repeatedPrompts: RepeatedPrompts = .refuse, controlNames: ControlNames = .text,
        overlongPrompts: OverlongPrompts = .refuse, verifier: EnvironmentKind? = nil, command: [String] = [],
        commandTimeout: Duration = .seconds(10), prompt: PromptForm = .raw, system: String? = nil,
        chatDate: CalendarDate? = nil, templateArguments: [String: JSONValue] = [:], columns: Columns = Columns(),
        verifiers: [String: EnvironmentKind] = [:], difficulty: Int? = nil, trainingProblems: Int? = nil
    ) {
        self.kind = kind
        self.path = path
        self.seed = seed
        self.heldOut = heldOut
        self.template = template
        self.repeatedPrompts = repeatedPrompts
        self.controlNames = controlNames
        self.overlongPrompts = overlongPrompts
        self.verifier = verifier ?? kind.defaultVerifier
        self.command = command
        self.commandTimeout = commandTimeout
        self.prompt = prompt
        self.system = system
        self.chatDate = chatDate
        self.templateArguments = templateArguments
        self.columns = columns
        self.verifiers = verifiers
        self.difficulty = difficulty ?? kind.defaultDifficulty
        self.trainingProblems = trainingProblems ?? (kind.puzzle == nil ? nil : Self.defaultTrainingProblems)
    }

    /// Enough for 300 steps of 16 problems, each once.
    private static let defaultTrainingProblems = 5000

    /// How problems of a source are scored, which is empty for those that name none; nil when the task does not say.
    package func verifier(of source: String) -> EnvironmentKind? {
        source.isEmpty || self.verifiers.isEmpty ? self.verifier : self.verifiers[source]
    }

    /// Whether any problem is scored by the program `command`.
    package var runsProgram: Bool {
        self.verifier.runsProgram || self.verifiers.values.contains { $0.runsProgram }
    }

    /// The text that ends a response of this task, besides the configured stop strings; empty where a response may have several lines.
    package var stopStrings: [String] {
        switch self.kind {
        case .asdivEasy, .add2: ["\n"]
        case .countdown, .paths, .jsonl: []
        }
    }

    /// Where the prompt goes in `template`.
    package static let placeholder = "{prompt}"
}
