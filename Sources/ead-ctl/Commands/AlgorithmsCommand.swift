import ArgumentParser
import EADCore
import EADOperations
import EADRuntime

/// `ead-ctl algorithms`
struct AlgorithmsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "algorithms",
        abstract: "Lists the training objectives and the parts they are made of.",
        discussion: "With a preset's name, prints all its settings as they stand in a cluster file.")

    @Argument(help: "A preset.")
    var preset: String?

    func run() {
        guard let name = self.preset else { return print(AlgorithmCatalogue.overview) }
        guard let settings = AlgorithmCatalogue.settings(ofPreset: name) else {
            let known = AlgorithmCatalogue.presets.joined(separator: ", ")
            RoleRunner.fail(RoleFailure(.usage, "'\(name)' is not a preset; there are \(known)"))
        }
        print(settings, terminator: "")
    }
}
