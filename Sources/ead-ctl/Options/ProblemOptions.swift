import ArgumentParser
import EADConfiguration
import EADCore
package import EADEnvironments
import EADFiles
import EADRuntime

/// The held-out problems of a task on the command line, and what happens to the answers.
struct ProblemOptions: ParsableArguments {
    @Option(name: .long, help: "The task: asdiv-easy, add2, countdown, paths or jsonl.")
    var task: TaskConfiguration.Kind?

    @Option(
        name: .long,
        help: "The task's data file (default: \(CacheDirectory.Asset.problems.rawValue) in the cache for asdiv-easy).")
    var data: String?

    @Option(name: .long, help: "Problems held out, as task.held_out of a cluster file.")
    var heldOut: Int?

    @Option(name: .long, help: "The split's seed, as task.seed of a cluster file.")
    var taskSeed: UInt64 = 0

    @Option(name: .long, help: "countdown and paths: how hard the problems are (default: 5 and 8).")
    var difficulty: Int?

    @Option(name: .long, help: "jsonl: the text around each prompt, with {prompt} where it goes.")
    var template: String?

    @Option(name: .long, help: "jsonl: what happens to a prompt that occurred before: refuse, drop or keep.")
    var repeatedPrompts = TaskConfiguration.RepeatedPrompts.refuse

    @Option(name: .long, help: "jsonl: whether prompts are texts to go on with or turns of a chat: raw or chat.")
    var prompt = TaskConfiguration.PromptForm.raw

    @Option(name: .long, help: "With --prompt chat: what stands before prompts that have no system turn.")
    var system: String?

    @Option(name: .long, help: "With --prompt chat: what the chat template takes for the day, as YYYY-MM-DD.")
    var chatDate: CalendarDate?

    @OptionGroup var chatTemplate: TemplateOptions

    @Option(name: .long, help: "jsonl: what names of control tokens in a prompt are: text, or the tokens.")
    var controlNames = TaskConfiguration.ControlNames.text
    @Option(name: .long, help: "What happens to a prompt that is too long for the context: refuse or drop.")
    var overlongPrompts = TaskConfiguration.OverlongPrompts.refuse

    @Option(
        name: .long,
        help: "How responses are scored (default: equation for asdiv-easy, puzzles by their own, else number).")
    var verifier: EnvironmentKind?

    @Option(
        name: .customLong("verifiers"), parsing: .upToNextOption,
        help: ArgumentHelp(
            "jsonl: how responses to problems of a source are scored, as SOURCE=VERIFIER ...", valueName: "verifiers"))
    var verifiers: [VerifierOfSource] = []

    @Option(
        name: .long, parsing: .upToNextOption,
        help: "The program that scores with --verifier command, and its arguments; docs/verifiers.md has its protocol.")
    var command: [String] = []

    @Option(name: .long, help: "Seconds that the program may take for one response.")
    var commandTimeout: Double = 10

    @Flag(name: .long, help: "Answer every problem of the data instead of held-out ones, such as those of a test set.")
    var all = false

    @Flag(name: .long, help: "Answer each problem greedily too; alone with --samples 0.")
    var greedy = false

    @Option(name: .long, help: "Write every response with its score to this file, a JSON object per line.")
    var output: String?

    /// What must be said without a cluster.
    func check(samples: Int?) throws {
        guard self.task != nil else {
            throw ValidationError(
                "say what to evaluate: --run DIRECTORY, --cluster FILE, or --task with --model or --checkpoint")
        }
        if self.all {
            guard self.heldOut == nil else {
                throw ValidationError("--all answers every problem: leave --held-out out")
            }
        } else {
            guard let heldOut = self.heldOut, heldOut >= 1 else {
                throw ValidationError("--held-out must say how many problems to answer, at least 1; or say --all")
            }
        }
        guard samples != 0 || self.greedy else {
            throw ValidationError("--samples 0 answers nothing without --greedy")
        }
    }

    /// - Throws: `RoleFailure` with every setting that cannot be used.
    func resolve() throws -> TaskConfiguration {
        guard let kind = self.task else { preconditionFailure("checked by validate") }
        let path = self.data ?? (kind == .asdivEasy ? CacheDirectory.user.place(of: .problems) : nil)
        let task = TaskConfiguration(
            kind: kind, path: path, seed: self.taskSeed, heldOut: self.heldOut ?? 0, template: self.template,
            repeatedPrompts: self.repeatedPrompts, controlNames: self.controlNames,
            overlongPrompts: self.overlongPrompts, verifier: self.verifier,
            command: self.command,
            commandTimeout: .seconds(self.commandTimeout), prompt: self.prompt, system: self.system,
            chatDate: self.chatDate, templateArguments: try self.chatTemplate.resolve(),
            verifiers: Dictionary(self.verifiers.map { ($0.source, $0.verifier) }, uniquingKeysWith: { $1 }),
            difficulty: self.difficulty)
        let problems = task.problems()
        guard problems.isEmpty else {
            throw RoleFailure(.usage, problems.map(\.asOption).joined(separator: "\nerror: "))
        }
        return task
    }
}

extension TaskConfiguration.PromptForm: ExpressibleByArgument {}
extension TaskConfiguration.RepeatedPrompts: ExpressibleByArgument {}
extension TaskConfiguration.ControlNames: ExpressibleByArgument {}
extension TaskConfiguration.OverlongPrompts: ExpressibleByArgument {}
extension TaskConfiguration.Kind: ExpressibleByArgument {}
extension EnvironmentKind: ExpressibleByArgument {}

/// A source and the verifier of its problems on the command line, such as `math=boxed`.
struct VerifierOfSource: ExpressibleByArgument {
    let source: String
    let verifier: EnvironmentKind

    init?(argument: String) {
        guard let separator = argument.lastIndex(of: "="), separator > argument.startIndex,
            let verifier = EnvironmentKind(rawValue: String(argument[argument.index(after: separator)...]))
        else { return nil }
        self.source = String(argument[..<separator])
        self.verifier = verifier
    }
}
