package import EADConfiguration
package import EADCore
import EADEngine
import EADEnvironments
import EADFiles
import EADObservation

/// What a run left in its directory, for whoever looks at it from outside.
package struct RunDirectory {
    package let path: String
    /// As the controller understood it, which is the node that writes `run.jsonl`.
    package let configuration: ClusterConfiguration

    /// - Throws: `RoleFailure` or `ConfigurationError`.
    package init(_ path: String) throws {
        self.path = path
        self.configuration = try RunFiles.configuration(in: path)
    }

    /// The run that a checkpoint lies in, if it still lies where the run wrote it.
    package init?(ofCheckpoint path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).filter {
            !$0.isEmpty || path.hasPrefix("/")
        }
        let up = parts.last == "" ? parts.dropLast(3) : parts.dropLast(2)
        let run = up.isEmpty ? "." : up.joined(separator: "/")
        guard let directory = try? RunDirectory(run) else { return nil }
        self = directory
    }

    /// The newest checkpoint that can be used.
    /// - Throws: `RoleFailure` when there is none.
    package func newestCheckpoint() throws -> String {
        let store = CheckpointStore(directory: RunLayout(self.path).checkpoints, keep: 1)
        guard let found = try store.latest() else {
            throw RoleFailure(.data, "\(self.path) has no checkpoint; wait for the first (checkpoint.every)")
        }
        return found.checkpoint.path
    }

    /// The held-out problems of the run's own split that its evaluations use.
    package func heldOut() throws -> [Problem] {
        let all = try TaskSource.load(self.configuration.task, baseDirectory: "").heldOut
        return Array(all.prefix(self.configuration.evaluation.problemCount(of: all.count)))
    }

    /// How many problems the run trains on, of those given; nil where its data cannot be read.
    package func trained(of problems: [Problem]) -> Int? {
        guard let source = try? TaskSource.load(self.configuration.task, baseDirectory: "") else { return nil }
        let template = self.configuration.task.template
        let trained = Set(source.training.map { Self.question($0.prompt, template) })
        return problems.count { trained.contains(Self.question($0.prompt, template)) }
    }

    /// The prompt without the run's template around it, if that is there.
    private static func question(_ prompt: String, _ template: String?) -> String {
        let sides = template?.split(separator: TaskConfiguration.placeholder, omittingEmptySubsequences: false) ?? []
        guard sides.count == 2, prompt.hasPrefix(sides[0]), prompt.hasSuffix(sides[1]),
            prompt.count >= sides[0].count + sides[1].count
        else { return prompt }
        return String(prompt.dropFirst(sides[0].count).dropLast(sides[1].count))
    }
}
