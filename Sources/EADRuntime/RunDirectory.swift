package import EADCore
package import Foundation

/// The places of a run on disk; every role writes only its own.
package struct RunDirectory: Sendable {
    package let url: URL

    package init(_ url: URL) { self.url = url }

    /// The controller's durable state.
    package var snapshot: URL { self.url.appending(path: "controller.json") }
    /// The run log: one JSON object per line.
    package var log: URL { self.url.appending(path: "run.jsonl") }
    /// Every response of one evaluation with its score: `step-000020.jsonl`, or `step-000020-samples-64.jsonl` with
    /// another number of samples per problem than the `planned` one.
    package func evaluation(of version: PolicyVersion, samples: Int, planned: Int) -> URL {
        let digits = String(version.rawValue)
        let step = "step-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
        let name = samples == planned ? step : "\(step)-samples-\(samples)"
        return self.url.appending(path: "evaluations/\(name).jsonl")
    }
    /// The learner's checkpoints.
    package var checkpoints: URL { self.url.appending(path: "checkpoints") }
    /// Accepted groups that no checkpoint covers yet.
    package var journal: URL { self.url.appending(path: "journal") }
    /// The configuration as a node understood it.
    package func resolvedConfiguration(of node: NodeID) -> URL { self.url.appending(path: "resolved-\(node).yaml") }
    package func lock(of node: NodeID) -> URL { self.url.appending(path: ".\(node).lock") }
    /// Where `ead-ctl up` sends what a node prints.
    package func output(of node: NodeID) -> URL { self.url.appending(path: "\(node).log") }

    /// Creates the directory and its parents.
    /// - Throws: `RoleFailure` naming the path.
    package func create() throws(RoleFailure) {
        do {
            try FileManager.default.createDirectory(at: self.url, withIntermediateDirectories: true)
        } catch {
            throw RoleFailure(.io, "cannot create the run directory \(self.url.path): \(error.localizedDescription)")
        }
    }
}
