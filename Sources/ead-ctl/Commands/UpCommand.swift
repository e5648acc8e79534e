import ArgumentParser
import EADConfiguration
import EADCore
import EADFiles
import EADOperations
import EADRuntime
import UnixSignals

/// `ead-ctl up`
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Starts every role of a cluster file on this host, shows progress, and stops them at the end.",
        discussion: """
            Every endpoint must be on this host. A role that dies is started again. Ctrl-C drains the run, and once more ends it at once; the same command \
            resumes it. What the roles print goes to NODE.log in the run directory. Exit status: 0 finished, 1 finished and \
            something is wrong, such as steps that had nothing to learn from, 3 stopped before its end, 130 ended at once; a \
            role that cannot go on ends it with its own.

            A finished run is given more steps by a larger run.steps. With --from the run begins where another has come \
            to: with any other settings, in a directory of its own, and the other is left as it is.
            """)

    @OptionGroup var cluster: ClusterArguments

    @Option(name: .long, help: "Overrides run.directory of the cluster file.")
    var runDir: String?

    @Option(name: .long, help: "Begins a run with the newest checkpoint of this run directory.", completion: .directory)
    var from: String?

    func run() async {
        do {
            var configuration = try self.cluster.files.load().configuration
            if let directory = self.runDir { configuration.run.directory = directory }
            let fork = try self.from.map { try RunFork(from: $0, configuration) }
            // Before anything starts: whoever is asked to stop must not be half begun.
            let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
            try await LocalPorts(configuration).waitUntilFree()
            try await VerifierQuestion(configuration.task).mustBeAnswered()
            let directory = RunLayout(configuration.run.directory)
            try FileTree.createDirectory(directory.path, access: .owner)
            if let fork { try fork.make(saying: Terminal.standard.show) }
            let supervisor = Supervisor(configuration: configuration, files: self.cluster.files, directory: directory)
            let outcome = try await withThrowingTaskGroup(of: RunOutcome?.self) { group in
                group.addTask {
                    for await _ in signals where try await supervisor.interrupt() { return .left }
                    return nil
                }
                group.addTask { try await supervisor.run() }
                defer { group.cancelAll() }
                return (try await group.next() ?? nil) ?? .stopped
            }
            if case .finished(let summary) = outcome { Terminal.standard.show(summary.text) }
            Self.exit(withError: ExitCode(outcome.exitStatus.rawValue))
        } catch {
            RoleRunner.fail(error)
        }
    }
}
