import ArgumentParser
import EADConfiguration
import EADCore
package import EADEnvironments
import EADEvaluation
import EADFiles
import EADMessages
import EADOperations
import EADRuntime
import Foundation

/// `ead-ctl eval`
struct EvalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Answers held-out problems: by a running cluster, or alone with a model file or a checkpoint.",
        discussion: """
            With --run a checkpoint of that run, by default its newest, answers the problems that the run holds out, with \
            the run's own settings; with --data as well, every problem of that file instead. With --cluster the controller evaluates the current policy between two steps, or at once in a paused run, \
            with the settings of the cluster file. Without either the options below say what to sample; the same seed, \
            step and settings give the same responses as in a cluster. docs/metrics.md defines the figures.
            """)

    @Option(name: .long, help: "The cluster file (YAML) of a running cluster.")
    var cluster: String?

    @Option(name: .long, help: "The directory of a run, such as runs/quickstart.")
    var run: String?

    @Option(
        name: .shortAndLong,
        help: "Responses per problem, besides the greedy one (default: as configured; without a run or cluster 8).")
    var samples: Int?

    @Flag(name: .long, help: "One JSON object instead of the table.")
    var json = false

    @OptionGroup(title: "Without a cluster") var problems: ProblemOptions

    @OptionGroup(title: "Without a cluster") var model: ModelOptions

    @OptionGroup(title: "Without a cluster") var sampling: SamplingOptions

    func validate() throws {
        if let samples = self.samples, !(0...1024).contains(samples) {
            throw ValidationError("--samples must be between 0 and 1024, not \(samples)")
        }
        if self.run != nil { return try self.checkAlone("--run", with: ["checkpoint", "data", "output", "threads"]) }
        guard self.cluster != nil else { return try self.problems.check(samples: self.samples) }
        if self.samples == 0 { throw ValidationError("--samples must be at least 1 with --cluster") }
        try self.checkAlone("--cluster", with: [])
    }

    /// Refuses options that say what another one already does.
    private func checkAlone(_ option: String, with allowed: [String]) throws {
        let known = [String(option.dropFirst(2)), "samples", "json"] + allowed
        let others = CommandLine.arguments.dropFirst().filter { $0.hasPrefix("--") }
            .map { String($0.dropFirst(2).prefix { $0 != "=" }) }.filter { !known.contains($0) && !$0.isEmpty }
        guard others.isEmpty else {
            let names = others.map { "--\($0)" }.joined(separator: ", ")
            throw ValidationError("\(names): with \(option) its settings say how to sample")
        }
    }

    func run() async {
        do {
            let report: EvaluationReport
            if let cluster = self.cluster {
                let configuration = try ClusterConfiguration.load(path: cluster)
                report = try await ClusterEvaluation(configuration, samples: UInt32(self.samples ?? 0)).report()
            } else if let path = self.run {
                let run = try RunDirectory(path)
                let settings = try LocalEvaluation.Settings(
                    run: run, samples: self.samples, data: self.problems.data, output: self.problems.output)
                if self.problems.data != nil { try Self.warn(settings.overlap(with: run)) }
                let model = LocalModel(
                    path: run.configuration.model.path,
                    checkpoint: try self.model.checkpoint ?? run.newestCheckpoint(),
                    precision: run.configuration.model.precision, threads: self.model.threads)
                report = try await LocalEvaluation(settings, model: model).report()
            } else {
                let task = try self.problems.resolve()
                let settings = LocalEvaluation.Settings(
                    task: task, problems: self.problems.all ? try LocalEvaluation.Settings.all(of: task) : nil,
                    samples: self.samples ?? 8, greedy: self.problems.greedy,
                    sampling: try self.sampling.resolve(), seed: self.sampling.seed, step: self.sampling.step,
                    output: self.problems.output)
                if let run = self.model.checkpoint.flatMap({ RunDirectory(ofCheckpoint: $0) }) {
                    try Self.warn(settings.overlap(with: run))
                }
                report = try await LocalEvaluation(settings, model: self.model.resolve()).report()
            }
            print(self.json ? try Self.text(report) : self.table(report))
        } catch {
            RoleRunner.fail(error)
        }
    }

    private static func warn(_ text: String?) {
        if let text { FileHandle.standardError.write(Data("warning: \(text)\n".utf8)) }
    }

    private func table(_ report: EvaluationReport) -> String {
        let title =
            self.cluster == nil && self.run == nil && self.model.checkpoint == nil
            ? "model file" : "policy \(report.version)"
        let sizes = EvaluationStatistics.sizes(upTo: Int(report.samples)).filter { $0 > 1 }
        return EvaluationTable([(title, report)], sizes: sizes).text
    }

    private static func text(_ report: EvaluationReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }
}

/// The held-out problems of a task on the command line, and what happens to the answers.
struct ProblemOptions: ParsableArguments {
    @Option(name: .long, help: "The task: asdiv-easy, add2 or jsonl.")
    var task: TaskConfiguration.Kind?

    @Option(
        name: .long,
        help: "The task's data file (default: \(CacheDirectory.Asset.problems.rawValue) in the cache for asdiv-easy).")
    var data: String?

    @Option(name: .long, help: "Problems held out, as task.held_out of a cluster file.")
    var heldOut: Int?

    @Option(name: .long, help: "The split's seed, as task.seed of a cluster file.")
    var taskSeed: UInt64 = 0

    @Option(name: .long, help: "jsonl: the text around each prompt, with {prompt} where it goes.")
    var template: String?

    @Option(name: .long, help: "jsonl: what happens to a prompt that occurred before: refuse or keep.")
    var repeatedPrompts = TaskConfiguration.RepeatedPrompts.refuse

    @Option(name: .long, help: "jsonl: what names of control tokens in a prompt are: text, or the tokens.")
    var controlNames = TaskConfiguration.ControlNames.text
    @Option(name: .long, help: "What happens to a prompt that is too long for the context: refuse or drop.")
    var overlongPrompts = TaskConfiguration.OverlongPrompts.refuse

    @Option(name: .long, help: "How responses are scored (default: equation for asdiv-easy, else number).")
    var verifier: EnvironmentKind?

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
    fileprivate func check(samples: Int?) throws {
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
            commandTimeout: .seconds(self.commandTimeout))
        let problems = task.problems()
        guard problems.isEmpty else {
            throw RoleFailure(.usage, problems.map(\.asOption).joined(separator: "\nerror: "))
        }
        return task
    }
}

extension TaskConfiguration.RepeatedPrompts: ExpressibleByArgument {}
extension TaskConfiguration.ControlNames: ExpressibleByArgument {}
extension TaskConfiguration.OverlongPrompts: ExpressibleByArgument {}
extension TaskConfiguration.Kind: ExpressibleByArgument {}
extension EnvironmentKind: ExpressibleByArgument {}
