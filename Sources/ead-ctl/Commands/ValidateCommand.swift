import ArgumentParser
import EADConfiguration
import EADRuntime

/// `ead-ctl validate`
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Checks a cluster file and shows it with every default filled in.",
        discussion: "Every problem is reported with its line; exit status 78 then.")

    @Argument(help: "The cluster file (YAML).")
    var cluster: String

    @Flag(name: .long, help: "Print nothing when the file is right.")
    var quiet = false

    func run() {
        do {
            let configuration = try ClusterConfiguration.load(path: self.cluster)
            if !self.quiet { print(configuration.resolvedYAML()) }
        } catch {
            RoleRunner.fail(error)
        }
    }
}
