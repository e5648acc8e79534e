import ArgumentParser
import EADOperations
import EADRuntime

/// `ead-ctl runs`
struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "Lists the runs in a directory with their states and results; needs no controller.",
        discussion: "Exit status: 0, or 1 when one of them cannot be read, which is listed with the reason.")

    @Argument(help: "A directory of run directories.", completion: .directory)
    var directory = "runs"

    @Flag(name: .long, help: "One JSON object instead of the table.")
    var json = false

    func run() {
        do {
            let list = try RunList(in: self.directory)
            Terminal.standard.show(self.json ? try list.json() : list.text(width: Terminal.standard.width))
            Self.exit(withError: ExitCode((list.isWhole ? ExitStatus.done : .degraded).rawValue))
        } catch {
            RoleRunner.fail(error)
        }
    }
}
