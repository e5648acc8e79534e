import ArgumentParser
import EADConfiguration
import EADOperations
import EADRuntime

/// `ead-ctl task`
struct TaskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task", abstract: "Looks at the task of a cluster file, and writes demonstrations of puzzles.",
        subcommands: [TaskCheckCommand.self, TaskWriteCommand.self])
}

/// `ead-ctl task check`
struct TaskCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Measures every prompt, has some answered, and says what there is to learn from; needs no cluster.",
        discussion: """
            Model, sampling and verifier are those of the file, at step 0 of its schedule. Exit status: 0, or 1 when \
            prompts are too long, a response got no score, or no problem has responses of different rewards.
            """)

    @OptionGroup var cluster: ClusterArguments

    @Option(name: .long, help: "Problems to answer, the first in training; 0 for none.")
    var problems = 16

    @Option(name: .shortAndLong, help: "Responses to each (default: training.samples_per_prompt).")
    var samples: Int?

    @Option(name: .long, help: "Answer with a checkpoint of a run instead of the model file.")
    var checkpoint: String?

    @Option(name: .long, help: "Compute threads; 0 for one per core that may be used.")
    var threads = 0

    @Flag(name: .long, help: "One JSON object with every response instead of the text.")
    var json = false

    func validate() throws {
        if self.problems < 0 || self.threads < 0 || !(1...1024).contains(self.samples ?? 1) {
            throw ValidationError("--problems and --threads must be at least 0, --samples 1 to 1024")
        }
    }

    func run() async {
        do {
            let check = TaskCheck(
                try self.cluster.files.load().configuration, problems: self.problems, samples: self.samples,
                checkpoint: self.checkpoint, threads: self.threads)
            let report = try await check.report()
            Terminal.standard.show(self.json ? try report.json() : report.text)
            Self.exit(withError: ExitCode((report.isGood ? ExitStatus.done : .degraded).rawValue))
        } catch {
            RoleRunner.fail(error)
        }
    }
}
