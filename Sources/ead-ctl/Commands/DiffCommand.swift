import ArgumentParser
import EADOperations
import EADRuntime

/// `ead-ctl diff`
struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compares two runs: the settings in which they differ, their weights to the byte, and their results.",
        discussion: """
            Exit status: 0 when neither settings that results depend on nor the weights after any common step differ, else 1.
            """)

    @Argument(help: "A run directory.", completion: .directory)
    var before: String

    @Argument(help: "Another one.", completion: .directory)
    var after: String

    @Flag(name: .long, help: "One JSON object instead of the text.")
    var json = false

    func run() {
        do {
            let comparison = try RunComparison(self.before, self.after)
            Terminal.standard.show(self.json ? try comparison.json() : comparison.text(width: Terminal.standard.width))
            Self.exit(withError: ExitCode((comparison.isEqual ? ExitStatus.done : .degraded).rawValue))
        } catch {
            RoleRunner.fail(error)
        }
    }
}
