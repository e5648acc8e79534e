import ArgumentParser
import EADConfiguration
import EADCore
import EADMessages
import EADOperations
import EADRuntime
import Foundation

/// `ead-ctl status`
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows every role, what it does, and what it waits for since when.",
        discussion: "Exit status: 0 healthy, 1 degraded (a node is dead, absent or stalled), 2 controller unreachable.")

    @OptionGroup var cluster: ClusterOption

    @Flag(name: .long, help: "One JSON object instead of the table.")
    var json = false

    @Flag(name: .shortAndLong, help: "Shows each step until the run is over, as up does; Ctrl-C ends only this.")
    var follow = false

    func run() async {
        let configuration = self.cluster.load()
        if self.follow { await Self.follow(configuration) }
        let status: StatusReply
        do {
            let answer = try await ControlClient.with(configuration) {
                try await $0.request(ControlRequest(verb: .status, runName: configuration.run.name))
            }
            guard case .statusReply(let reply) = answer else {
                throw RoleFailure(.software, "the controller gave an answer of another kind")
            }
            status = reply
        } catch {
            FileHandle.standardError.write(Data("error: \(RoleFailure(error).message)\n".utf8))
            Self.exit(withError: ExitCode(2))
        }
        do {
            print(self.json ? try StatusJSON(status).text() : StatusTable(status, width: Terminal.standard.width).text)
        } catch {
            RoleRunner.fail(error)
        }
        Self.exit(withError: ExitCode(status.isHealthy ? 0 : 1))
    }

    private static func follow(_ configuration: ClusterConfiguration) async -> Never {
        do {
            let summary = try await RunFollower(configuration).run()
            if let summary { Terminal.standard.show(summary.text) }
            Self.exit(withError: ExitCode(summary?.isDegraded == true ? 1 : 0))
        } catch {
            RoleRunner.fail(error)
        }
    }
}
