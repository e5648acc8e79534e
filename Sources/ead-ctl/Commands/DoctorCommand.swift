import ArgumentParser
import EADDoctor
import EADFiles
import EADOperations
import EADRuntime
import Foundation
import Glibc

/// `ead-ctl doctor`
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Looks whether this host can run EAD, and what it can do at best; the first command on a new host.",
        discussion: """
            With --cluster it checks what the nodes of that file that run here need: memory, disk, addresses, keys and problems. \
            A plaintext cluster is all on this host; of an encrypted one, the nodes whose secret keys are here. Measuring \
            takes about a second. Exit status: 0 ready, 1 when a check failed.
            """)

    @OptionGroup var cluster: OptionalClusterOption

    @Option(
        name: .long,
        help: """
            A model: a GGUF file or a directory (default: the cluster's, else \(CacheDirectory.Asset.model.rawValue) in the cache).
            """)
    var model: String?

    @Flag(name: .long, help: "One JSON object instead of the lines.")
    var json = false

    func run() async {
        let say = { (what: String) in
            if isatty(2) == 1 { FileHandle.standardError.write(Data("\r\u{1b}[K\(what)".utf8)) }
        }
        let examination = await Examination(cluster: self.cluster.files, model: self.model, say: say)
        say("")
        do {
            print(self.json ? try examination.json() : examination.text() + "\n\n" + examination.summary)
        } catch {
            RoleRunner.fail(error)
        }
        Self.exit(withError: ExitCode(examination.outcome == .fail ? 1 : 0))
    }
}
