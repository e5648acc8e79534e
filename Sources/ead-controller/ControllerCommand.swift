import ArgumentParser
import EADCore
import EADRuntime
import EADVersion

@main struct ControllerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ead-controller",
        abstract: "Coordinates a run: owns the global step, leases prompts to workers, follows the learner.",
        discussion: "Start it first or last; learner and workers wait for it. Started again, it resumes its run.",
        version: ProductVersion.description)

    @OptionGroup var options: RoleOptions

    func run() async {
        await RoleRunner.run(.controller, options: self.options) { try ObservedController.service($0) }
    }
}
