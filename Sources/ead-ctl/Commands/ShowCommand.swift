import ArgumentParser
import EADOperations
import EADRuntime

/// `ead-ctl show`
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows how a run went, from its directory; needs no controller.",
        discussion: "With --json all steps, evaluations, events and settings are in one object.")

    @Argument(
        help: ArgumentHelp("A run directory, such as runs/quickstart.", valueName: "run"), completion: .directory)
    var directory: String

    @Flag(name: .long, help: "One JSON object instead of the text.")
    var json = false

    func run() {
        do {
            let page = try RunPage(self.directory)
            Terminal.standard.show(self.json ? try page.json() : page.text(width: Terminal.standard.width))
        } catch {
            RoleRunner.fail(error)
        }
    }
}
