import ArgumentParser
import EADLearner
import EADOperations
import EADRuntime

/// `ead-ctl replay`
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Computes a run again from its journal, and says where it differs from what the run left.",
        discussion: """
            Every group is sampled again with the policy version that it names, and compared token by token and bit by bit; \
            every step is trained, and its weights compared with those in run.jsonl. The first difference ends it, with \
            status 1. The run needs journal.keep: all from its first step on, its model file and its task. Rewards are taken from \
            the record.
            """)

    @Argument(help: "The directory of a run, such as runs/quickstart.", completion: .directory)
    var directory: String

    @Option(
        name: .long, help: "The first and the last step to compare, such as 10..19 (default: all that were reported).")
    var steps: StepRange?

    @Flag(name: .long, help: "Train on the groups as they were recorded, without sampling them again.")
    var trainOnly = false

    @Option(name: .long, help: "Threads; 0 for one per core. They change no bit.")
    var threads = 0

    func run() async throws {
        do {
            let summary = try await RunDirectory(self.directory).replay(
                self.steps?.steps, samples: !self.trainOnly, threads: self.threads
            ) { Terminal.standard.show($0) }
            let sampled = self.trainOnly ? "" : ", \(summary.groups) groups of \(summary.tokens) tokens sampled again"
            Terminal.standard.show("\(summary.steps) steps trained again\(sampled), no difference")
        } catch let difference as ReplayDifference {
            Terminal.errors.show("difference: \(difference)")
            throw ExitCode(1)
        } catch {
            RoleRunner.fail(error)
        }
    }
}

/// Steps on a command line: `10..19`, or one.
struct StepRange: ExpressibleByArgument {
    let steps: ClosedRange<UInt64>

    init?(argument: String) {
        let ends = argument.split(separator: "..", omittingEmptySubsequences: false).map { UInt64($0) }
        guard let first = ends[0], let last = ends[ends.count - 1], ends.count <= 2, first <= last else { return nil }
        self.steps = first...last
    }
}
