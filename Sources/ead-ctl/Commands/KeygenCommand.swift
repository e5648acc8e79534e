import ArgumentParser
import EADConfiguration
import EADCore
import EADFiles
import EADRuntime
import EADTransport

/// `ead-ctl keygen`
struct KeygenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Makes a CURVE key pair for a node: the secret goes to a file, the public key is printed.",
        discussion: """
            Run it on each host, once for each of its nodes and once as 'control' for ead-ctl. Copy the printed lines \
            into security.public_keys of the cluster file; the secret file stays on its host, readable by its owner only.
            """)

    @Argument(help: "The node's name in the cluster file.")
    var node: String

    @Option(name: .long, help: "The directory for secret keys (security.keys of the cluster file).")
    var directory: String = "keys"

    func run() {
        do {
            let file = SecurityConfiguration.keyFile(of: NodeID(self.node), in: self.directory)
            guard !FileTree.exists(file) else {
                throw RoleFailure(.usage, "\(file) exists; delete it first if the key is to be replaced")
            }
            try FileTree.createDirectory(self.directory, access: .owner)
            let pair = try CurveKeyPair.generate()
            try pair.write(to: file)
            print("\(self.node): \"\(pair.publicKey)\"")
        } catch {
            RoleRunner.fail(error)
        }
    }
}
