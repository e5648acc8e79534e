import ArgumentParser
import EADConfiguration

/// The cluster files of a subcommand that can do without.
struct OptionalClusterOption: ParsableArguments {
    @Option(
        name: .long, help: "The cluster file (YAML); given again, a file to lay over those before it.",
        completion: .file())
    var cluster: [String] = []

    @Option(name: .long, help: ClusterOption.setHelp)
    var set: [String] = []

    /// Nil where none is named.
    var files: ClusterFiles? {
        self.cluster.isEmpty ? nil : ClusterFiles(self.cluster, settings: self.set)
    }

    func validate() throws {
        if self.cluster.isEmpty, !self.set.isEmpty { throw ValidationError("--set needs --cluster") }
    }
}
