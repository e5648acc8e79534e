import ArgumentParser
import EADConfiguration
import EADCore
import EADFiles
import EADLaunch
import EADOperations
import EADRuntime
import Foundation

/// `ead-ctl launch`
struct LaunchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "launch",
        abstract: "Starts a cluster with ssh, Slurm, systemd or Kubernetes, by a text made of its cluster file.",
        discussion: "--dry-run prints the text and starts nothing. docs/operations.md says what each of them needs.",
        subcommands: [
            LaunchSSHCommand.self, LaunchSlurmCommand.self, LaunchSystemdCommand.self, LaunchKubernetesCommand.self,
        ])
}

/// What all ways to launch a cluster have in common.
struct LaunchOptions: ParsableArguments {
    @OptionGroup var cluster: ClusterArguments

    @Flag(name: .long, help: "Print what would be used, and start nothing.")
    var dryRun = false

    func plan() throws -> LaunchPlan {
        // Whoever reads the paths later stands somewhere else.
        let paths = self.cluster.files.paths.map { URL(filePath: $0).standardizedFileURL.path }
        let files = ClusterFiles(paths, settings: self.cluster.files.settings)
        return LaunchPlan(try files.load(), files: try files.texts(), settings: files.settings)
    }

    /// Prints the text, or has a program read it.
    func use(_ text: String, by command: [String]) throws -> Never {
        if self.dryRun {
            print(text, terminator: "")
            LaunchCommand.exit()
        }
        LaunchCommand.exit(withError: ExitCode(try Subprogram(command).run(reading: text)))
    }
}

/// `ead-ctl launch ssh`
struct LaunchSSHCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ssh", abstract: "Starts every node on its host over ssh.",
        discussion: """
            Controller and learner run where their endpoints are, a worker on its nodes.workers[].host. The commands and the \
            secret keys of its nodes are on each host already; cluster files are copied. Exit status: that of the script, 1 \
            when a host failed.
            """)

    @OptionGroup var options: LaunchOptions

    @Option(name: .long, help: "The directory on every host, below home when relative (default: ead/NAME).")
    var directory: String?

    @Option(name: .long, help: "Where the commands are on every host (default: on its PATH).")
    var binaries: String?

    func run() {
        do {
            let plan = try self.options.plan()
            let script = try SSHScript(
                plan, directory: self.directory, binaries: self.binaries)
            try self.options.use(script.text, by: ["sh"])
        } catch {
            RoleRunner.fail(error)
        }
    }
}

/// `ead-ctl launch slurm`
struct LaunchSlurmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slurm", abstract: "Submits a job in which every node is a step.",
        discussion: """
            Files, model and run directory are on a file system that all hosts of the job share. An encrypted cluster listens on \
            the job's first host. Exit status: that of sbatch.
            """)

    @OptionGroup var options: LaunchOptions

    @Option(name: .long, help: "Hosts of the job.")
    var hosts = 1

    @Option(name: .long, help: "Where the commands are on every host (default: on its PATH).")
    var binaries: String?

    @Option(name: .long, parsing: .unconditionalSingleValue, help: "An option for sbatch, such as --partition=cpu.")
    var sbatch: [String] = []

    func validate() throws {
        if self.hosts < 1 { throw ValidationError("--hosts must be at least 1") }
    }

    func run() {
        do {
            let script = SlurmScript(try self.options.plan(), hosts: self.hosts, binaries: self.binaries)
            try self.options.use(script.text, by: ["sbatch"] + self.sbatch)
        } catch {
            RoleRunner.fail(error)
        }
    }
}

/// `ead-ctl launch systemd`
struct LaunchSystemdCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "systemd", abstract: "Writes units for the nodes of a cluster; systemctl starts those of a host.",
        discussion: """
            The cluster file is where it will stay, such as /etc/ead/cluster.yaml, and the secret keys of a host's nodes are in \
            /etc/ead/keys.
            """)

    @OptionGroup var options: LaunchOptions

    @Option(name: .long, help: "Where units go.", completion: .directory)
    var output = "/etc/systemd/system"

    @Option(name: .long, help: "Where the commands are.")
    var binaries = "/usr/bin"

    func run() {
        do {
            let units = try SystemdUnits(try self.options.plan(), binaries: self.binaries).units
            for unit in units {
                if self.options.dryRun {
                    print("# \(unit.name)\n\(unit.text)")
                } else {
                    try DurableFile.replace("\(self.output)/\(unit.name)", with: Array(unit.text.utf8).span.bytes)
                    print("\(self.output)/\(unit.name)")
                }
            }
        } catch {
            RoleRunner.fail(error)
        }
    }
}

/// `ead-ctl launch k8s`
struct LaunchKubernetesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "k8s", abstract: "Applies manifests with kubectl: a StatefulSet for each node.",
        discussion: "The secrets that the first lines of the text name have to be there. Exit status: that of kubectl.")

    @OptionGroup var options: LaunchOptions

    @Option(name: .long, help: "An image that has the commands.")
    var image: String

    @Option(name: .long, help: "Size of the volumes of controller and learner.")
    var storage = "20Gi"

    func run() {
        do {
            let manifests = try KubernetesManifests(
                try self.options.plan(), image: self.image, storage: self.storage)
            try self.options.use(manifests.text, by: ["kubectl", "apply", "-f", "-"])
        } catch {
            RoleRunner.fail(error)
        }
    }
}
