import ArgumentParser
import EADOperations
import EADRuntime

/// `ead-ctl check`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Judges what a run left by rules that hold for every run, however often anybody died in it.",
        discussion: """
            Looks at the run log, the accepted groups that the journal has, and the checkpoints; says how many things were \
            looked at by each rule, and which break it. No model is loaded: ead-ctl replay computes the run again. Exit \
            status: 0 when everything is right, else 1.
            """)

    @Argument(help: "The directory of a run, such as runs/quickstart.", completion: .directory)
    var directory: String

    @Flag(name: .long, help: "One JSON object instead of the text.")
    var json = false

    func run() {
        do {
            let check = try RunCheck(self.directory)
            Terminal.standard.show(self.json ? try check.json() : check.text(width: Terminal.standard.width))
            Self.exit(withError: ExitCode((check.isRight ? ExitStatus.done : .degraded).rawValue))
        } catch {
            RoleRunner.fail(error)
        }
    }
}
