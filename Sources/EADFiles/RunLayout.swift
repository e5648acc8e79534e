package import EADCore

/// The names in a run directory, all of them; every role writes only its own files.
package struct RunLayout: Hashable, Sendable {
    package let path: String

    package init(_ path: String) { self.path = path }

    private func place(_ name: String) -> String { self.path + "/" + name }

    // MARK: Controller

    /// The controller's durable state.
    package var snapshot: String { self.place("controller.json") }
    /// The run log: one JSON object per line.
    package var log: String { self.place("run.jsonl") }
    /// Every response of each evaluation with its score.
    package var evaluations: String { self.place("evaluations") }
    private static let lines = ".jsonl"

    /// The responses of one evaluation: `step-000020.jsonl`, or `step-000020-samples-64.jsonl` with another number of
    /// samples per problem than the `planned` one.
    package func evaluation(of version: PolicyVersion, samples: Int, planned: Int) -> String {
        let step = StepName(version.rawValue).text
        return self.evaluations + "/" + (samples == planned ? step : "\(step)-samples-\(samples)") + Self.lines
    }

    /// The step of an evaluation with the planned number of samples, by the name of its file; nil for other names.
    package static func plannedEvaluation(_ name: String) -> UInt64? { StepName(name, suffix: Self.lines)?.number }

    /// What TensorBoard reads: a directory of events for each writer.
    package var tensorBoard: String { self.place("tensorboard") }
    package var figureEvents: String { self.tensorBoard + "/run" }
    package var rolloutEvents: String { self.tensorBoard + "/rollouts" }

    // MARK: Learner

    /// The learner's checkpoints.
    package var checkpoints: String { self.place("checkpoints") }
    package func checkpoint(of step: GlobalStep) -> CheckpointLayout {
        CheckpointLayout(of: step, in: self.checkpoints)
    }

    /// Accepted groups that no checkpoint covers yet, a file per step.
    package var journal: String { self.place("journal") }
    private static let groups = ".groups"

    package func journal(of step: GlobalStep) -> String { Self.journal(of: step, in: self.journal) }

    /// The file of a step in a journal's directory: `step-000012.groups`.
    package static func journal(of step: GlobalStep, in directory: String) -> String {
        directory + "/" + StepName(step.rawValue).text + Self.groups
    }

    /// The step of a file in a journal's directory; nil for other names.
    package static func journalled(_ name: String) -> GlobalStep? {
        StepName(name, suffix: Self.groups).map { GlobalStep($0.number) }
    }

    /// Some of the rollouts that steps were trained on, for people, a file per step.
    package var rollouts: String { self.place("rollouts") }
    package func rollouts(of step: GlobalStep) -> String {
        self.rollouts + "/" + StepName(step.rawValue).text + Self.lines
    }
    /// The step whose rollouts a file holds, by its name; nil for other names.
    package static func rolloutStep(_ name: String) -> GlobalStep? {
        StepName(name, suffix: Self.lines).map { GlobalStep($0.number) }
    }

    // MARK: Fine-tuning

    /// What a fine-tuning was asked for.
    package var fineTuning: String { self.place("finetune.json") }

    // MARK: Every node

    private static let resolved = (prefix: "resolved-", suffix: ".yaml")
    /// What the files of resolved configurations are called, for a person.
    package static let resolvedPattern = Self.resolved.prefix + "NODE" + Self.resolved.suffix

    /// The configuration as a node understood it.
    package func resolvedConfiguration(of node: NodeID) -> String {
        self.place(Self.resolved.prefix + node.rawValue + Self.resolved.suffix)
    }

    /// The node whose configuration a file holds, by its name; nil for other names.
    package static func resolvedNode(_ name: String) -> NodeID? {
        guard name.hasPrefix(Self.resolved.prefix), name.hasSuffix(Self.resolved.suffix),
            name.count > Self.resolved.prefix.count + Self.resolved.suffix.count
        else { return nil }
        return NodeID(String(name.dropFirst(Self.resolved.prefix.count).dropLast(Self.resolved.suffix.count)))
    }

    /// What keeps two processes from being the same node.
    package func lock(of node: NodeID) -> String { self.place(".\(node).lock") }

    private static let output = ".log"
    /// Where `ead-ctl up` sends what a node prints.
    package func output(of node: NodeID) -> String { self.place(node.rawValue + Self.output) }
    /// Whether a file holds what a node printed, by its name.
    package static func isOutput(_ name: String) -> Bool { name.hasSuffix(Self.output) }
    /// The node that printed what is in a file, by its name; nil for other names.
    package static func printingNode(_ name: String) -> NodeID? {
        self.isOutput(name) && name.count > Self.output.count ? NodeID(String(name.dropLast(Self.output.count))) : nil
    }
    /// Where a log that grew too long is put aside.
    package static func older(_ log: String) -> String { log + ".1" }
}
