import ArgumentParser
import EADConfiguration
import EADCore
import EADMessages
import EADObservation
import EADOperations
import EADRuntime

/// `ead-ctl status`
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows every role, what it does, and what it waits for since when.",
        discussion: "Exit status: 0 healthy, 1 degraded (a node is dead, absent or stalled), 2 controller unreachable.")

    @OptionGroup var cluster: ClusterOption

    @Flag(name: .long, help: "One JSON object instead of the table.")
    var json = false

    @Flag(name: .shortAndLong, help: "The same as ead-ctl watch.")
    var watch = false

    func validate() throws {
        if self.watch, self.json { throw ValidationError("--watch is for people; --json shows one moment") }
    }

    func run() async {
        let configuration = self.cluster.load()
        if self.watch { await WatchCommand.watch(configuration) }
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
            RoleRunner.fail(error, status: ExitStatus.unreachable.rawValue)
        }
        do {
            print(self.json ? try StatusJSON(status).text() : StatusTable(status, width: Terminal.standard.width).text)
        } catch {
            RoleRunner.fail(error)
        }
        Self.exit(withError: ExitCode((status.isHealthy ? ExitStatus.done : .degraded).rawValue))
    }
}
