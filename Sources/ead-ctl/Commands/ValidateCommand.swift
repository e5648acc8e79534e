import ArgumentParser
import EADConfiguration
import EADOperations
import EADRuntime

/// `ead-ctl validate`
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Checks a cluster file and shows it with every default filled in.",
        discussion: "Every problem is reported with its line; exit status 78 then.")

    @OptionGroup var cluster: ClusterArguments

    @Flag(name: .long, help: "Say behind each value where it comes from.")
    var origins = false

    @Flag(name: .long, help: "One JSON object of the settings that all nodes agree on, by path; problems as JSON too.")
    var json = false

    @Flag(name: .long, help: "Print nothing when the file is right.")
    var quiet = false

    func run() {
        do {
            let read = try self.cluster.files.load()
            if self.json { return print(try JSONText.encode(read.configuration.sharedSettings)) }
            if !self.quiet { print(self.origins ? read.resolvedYAML() : read.configuration.resolvedYAML()) }
        } catch {
            RoleRunner.fail(error)
        }
    }
}
