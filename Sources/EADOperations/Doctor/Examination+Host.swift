package import EADConfiguration
import EADCore
package import EADDoctor
import EADRuntime

extension Examination {
    /// Examines this host; takes about a second.
    ///
    /// - Parameters:
    ///   - cluster: Cluster files whose nodes are to run here; nil for the host alone. What cannot be read is a
    ///     failed check.
    ///   - model: A model file; nil for the cluster's, else the one in the cache.
    ///   - say: Told what is being measured.
    package init(cluster: ClusterFiles?, model: String?, say: (String) -> Void) async {
        self.init()
        let host = HostExamination(say: say)
        do {
            let nodes = try cluster.map { LocalNodes(try $0.load().configuration) }
            self.checks = await host.checks(nodes) + (nodes?.checks() ?? [])
            self.checks += ModelExamination(path: model, nodes: nodes, host: host).checks
        } catch {
            self.checks = host.checks(nil)
            self.checks.append(
                Check(
                    "cluster", .fail, RoleFailure(error).message, advice: "correct the file; ead-ctl validate checks it"
                ))
        }
    }

    /// The checks as a JSON object.
    package func json() throws -> String {
        struct Answer: Encodable {
            var outcome: Check.Outcome
            var checks: [Check]
        }
        return try JSONText.encode(Answer(outcome: self.outcome, checks: self.checks))
    }
}
