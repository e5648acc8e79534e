import ArgumentParser
import EADConfiguration
import EADOperations
import EADRuntime
import UnixSignals

/// `ead-ctl watch`
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Shows each step of a run until it is over, whoever started it and wherever; Ctrl-C ends only this.",
        discussion: """
            Begins with the last steps that the controller still knows. On a terminal the last lines live: rewards and \
            entropies, and every role with what it waits for. Exit status: 0 finished, 1 finished and something is wrong, \
            3 stopped before its end, 130 after Ctrl-C.
            """)

    @OptionGroup var cluster: ClusterOption

    func run() async { await Self.watch(self.cluster.load()) }

    static func watch(_ configuration: ClusterConfiguration) async -> Never {
        do {
            let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
            let outcome = try await withThrowingTaskGroup(of: RunOutcome.self) { group in
                group.addTask {
                    for await _ in signals { break }
                    return .left
                }
                group.addTask { try await RunFollower(configuration).run() }
                defer { group.cancelAll() }
                return try await group.next() ?? .left
            }
            if case .finished(let summary) = outcome { Terminal.standard.show(summary.text) }
            Self.exit(withError: ExitCode(outcome.exitStatus.rawValue))
        } catch {
            RoleRunner.fail(error)
        }
    }
}
