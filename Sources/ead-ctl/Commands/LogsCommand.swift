import ArgumentParser
import EADConfiguration
import EADOperations
import EADRuntime

/// `ead-ctl logs`
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Shows what the roles of a run said, in the order of their times; needs no controller.",
        discussion: "It reads the logs that ead-ctl up leaves in the run directory, and those that were put aside.")

    @Argument(
        help: ArgumentHelp("A run directory, such as runs/quickstart.", valueName: "run"), completion: .directory)
    var directory: String

    @Option(name: .long, help: "Only this role (controller, learner, worker) or node; may be given several times.")
    var role: [String] = []

    @Flag(name: .shortAndLong, help: "Go on with what is written from here on, until Ctrl-C.")
    var follow = false

    @Flag(name: .long, help: "A JSON object a line.")
    var json = false

    func run() async {
        do {
            var logs = try RunLogs(
                self.directory, RunLogs.Terms(roles: self.role.isEmpty ? nil : Set(self.role), isJSON: self.json))
            repeat {
                for line in try logs.next() { Terminal.standard.show(line) }
                if self.follow { try await Task.sleep(for: Fixed.look.value) }
            } while self.follow
        } catch {
            RoleRunner.fail(error)
        }
    }
}
