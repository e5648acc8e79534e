import ArgumentParser
import EADConfiguration
import EADCore
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
            With --cluster it checks what the nodes of that file need here: memory, disk, addresses, keys and problems. \
            A plaintext cluster is all on this host; of an encrypted one, the nodes whose secret keys are here. Measuring \
            takes about a second. Exit status: 0 ready, 1 when a check failed.
            """)

    @Option(name: .long, help: "The cluster file (YAML) whose nodes are to run here.")
    var cluster: String?

    @Option(
        name: .long,
        help: """
            A model file (GGUF) (default: the cluster's, else \(CacheDirectory.Asset.model.rawValue) in the cache).
            """)
    var model: String?

    @Flag(name: .long, help: "One JSON object instead of the lines.")
    var json = false

    func run() async {
        let say = { (what: String) in
            if isatty(2) == 1 { FileHandle.standardError.write(Data("\r\u{1b}[K\(what)".utf8)) }
        }
        var examination = Examination()
        let host = HostExamination(say: say)
        if let cluster = self.cluster {
            do {
                let configuration = try ClusterConfiguration.load(path: cluster)
                let nodes = LocalNodes(configuration)
                examination.checks = await host.checks(nodes) + nodes.checks()
                examination.checks += ModelExamination(path: self.model, nodes: nodes, host: host).checks
            } catch {
                examination.checks = host.checks(nil)
                examination.checks.append(
                    Check(
                        "cluster", .fail, RoleFailure(error).message,
                        advice: "correct the file; ead-ctl validate checks it"))
            }
        } else {
            examination.checks = host.checks(nil)
            examination.checks += ModelExamination(path: self.model, nodes: nil, host: host).checks
        }
        say("")
        do {
            print(self.json ? try examination.json() : examination.text() + "\n\n" + examination.summary)
        } catch {
            RoleRunner.fail(error)
        }
        Self.exit(withError: ExitCode(examination.outcome == .fail ? 1 : 0))
    }
}

extension Examination {
    fileprivate func json() throws -> String {
        struct Answer: Encodable {
            var outcome: Check.Outcome
            var checks: [Check]
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(Answer(outcome: self.outcome, checks: self.checks))
        return String(decoding: data, as: UTF8.self)
    }
}
