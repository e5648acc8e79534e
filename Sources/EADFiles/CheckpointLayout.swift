package import EADCore

/// The names in a checkpoint: weights, both moments of the optimizer, the state of the run, and the hashes of these and of
/// what makes it a model's directory.
package struct CheckpointLayout: Hashable, Sendable {
    package let path: String

    package static let model = "model.safetensors"
    package static let optimizer = "optimizer.safetensors"
    package static let state = "state.json"
    /// As `sha256sum -c` reads it.
    package static let sums = "SHA256SUMS"

    package init(_ path: String) { self.path = path }

    /// The checkpoint of a step, `step-000012`, in a directory of checkpoints.
    package init(of step: GlobalStep, in directory: String) {
        self.init(directory + "/" + StepName(step.rawValue).text)
    }

    package var model: String { self.place(Self.model) }
    package var optimizer: String { self.place(Self.optimizer) }
    package var state: String { self.place(Self.state) }
    package var sums: String { self.place(Self.sums) }

    package func place(_ name: String) -> String { self.path + "/" + name }

    // MARK: While one is written

    private static let temporaryMark = ".tmp-"
    private static let replacedMark = ".old-"

    /// Where it is written before it gets its name.
    ///
    /// - Parameter tag: Tells this attempt from others.
    package func temporary(_ tag: String) -> CheckpointLayout { CheckpointLayout(self.path + Self.temporaryMark + tag) }

    /// Where it goes while another takes its place.
    package func replaced(_ tag: String) -> CheckpointLayout { CheckpointLayout(self.path + Self.replacedMark + tag) }

    /// What a name in a directory of checkpoints stands for.
    package enum Entry: Hashable, Sendable {
        case checkpoint(GlobalStep)
        /// Left by a writer that died before the checkpoint had its name.
        case temporary
        /// Left by a writer that died while it replaced the checkpoint of this name.
        case replaced(GlobalStep)
    }

    /// Reads a name in a directory of checkpoints; nil for what is not EAD's.
    package static func entry(_ name: String) -> Entry? {
        if let step = StepName(name) { return .checkpoint(GlobalStep(step.number)) }
        for mark in [Self.temporaryMark, Self.replacedMark] {
            guard let range = name.firstRange(of: mark), let step = StepName(String(name[..<range.lowerBound])) else {
                continue
            }
            return mark == Self.temporaryMark ? .temporary : .replaced(GlobalStep(step.number))
        }
        return nil
    }
}
