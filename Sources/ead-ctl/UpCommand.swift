import ArgumentParser
import EADConfiguration
import EADCore
import EADFiles
import EADMessages
import EADOperations
import EADRuntime
import Foundation
import ServiceLifecycle
import UnixSignals

/// `ead-ctl up`
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Starts every role of a cluster file on this host, shows progress, and stops them at the end.",
        discussion: """
            A role that dies is started again. Ctrl-C drains the run; the same command resumes it. What the roles print \
            goes to NODE.log in the run directory.
            """)

    @Argument(help: "The cluster file (YAML); every endpoint in it must be on this host.")
    var cluster: String

    @Option(name: .long, help: "Overrides run.directory of the cluster file.")
    var runDir: String?

    func run() async {
        do {
            var configuration = try ClusterConfiguration.load(path: self.cluster)
            if let directory = self.runDir { configuration.run.directory = directory }
            let directory = RunLayout(configuration.run.directory)
            try FileTree.createDirectory(directory.path, access: .owner)
            try await self.supervise(configuration, directory)
        } catch {
            RoleRunner.fail(error)
        }
    }

    private func supervise(_ configuration: ClusterConfiguration, _ directory: RunLayout) async throws {
        var roles = LocalRoles(configuration: configuration, file: self.cluster, directory: directory)
        try roles.start()
        Terminal.show("run \(configuration.run.name): \(roles.count) roles, logs in \(directory.path)")
        let interrupt = Interrupt()
        let supervisor = Supervisor(configuration: configuration, roles: roles, interrupt: interrupt)
        let summary = try await withThrowingTaskGroup(of: RunSummary?.self) { group in
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { interrupt.set() }
                return nil
            }
            group.addTask { try await supervisor.run() }
            defer { group.cancelAll() }
            // The signal child ends only when cancelled.
            return try await group.next() ?? nil
        }
        if let summary { Terminal.show(summary.text) }
    }
}
