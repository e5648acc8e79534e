import ArgumentParser
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

    @OptionGroup(title: "With a running cluster") var cluster: OptionalClusterOption

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
        guard self.cluster.files != nil else { return try self.problems.check(samples: self.samples) }
        if self.samples == 0 { throw ValidationError("--samples must be at least 1 with --cluster") }
        try self.checkAlone("--cluster", with: ["set"])
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
            let evaluation = try self.source.evaluation(samples: self.samples) { text in
                FileHandle.standardError.write(Data("warning: \(text)\n".utf8))
            }
            let result = try await evaluation.result()
            print(self.json ? try result.json() : result.table)
        } catch {
            RoleRunner.fail(error)
        }
    }

    private var source: EvaluationSource {
        get throws {
            if let files = self.cluster.files { return .cluster(files) }
            if let run = self.run {
                return .run(
                    directory: run, checkpoint: self.model.checkpoint, data: self.problems.data,
                    output: self.problems.output, threads: self.model.threads)
            }
            return .alone(
                task: try self.problems.resolve(), wholeTask: self.problems.all, greedy: self.problems.greedy,
                sampling: try self.sampling.resolve(), seed: self.sampling.seed, step: self.sampling.step,
                output: self.problems.output, checkpoint: self.model.checkpoint, model: self.model.resolve())
        }
    }
}
