import ArgumentParser
import EADConfiguration

/// The cluster files of a subcommand that is about them, with or without `--cluster` before each.
struct ClusterArguments: ParsableArguments {
    @Argument(help: "The cluster file (YAML), and others to lay over it: the last one wins.", completion: .file())
    var file: [String] = []

    @Option(name: .long, help: "The same, as the roles are given it.", completion: .file())
    var cluster: [String] = []

    @Option(name: .long, help: ClusterOption.setHelp)
    var set: [String] = []

    var files: ClusterFiles { ClusterFiles(self.file + self.cluster, settings: self.set) }

    func validate() throws {
        if self.file.isEmpty, self.cluster.isEmpty { throw ValidationError("a cluster file is needed") }
    }
}
