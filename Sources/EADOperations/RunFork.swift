package import EADConfiguration
import EADController
import EADCore
import EADEngine
import EADEnvironments
import EADFiles
import EADMessages
import EADModels
import EADRuntime

/// A run that begins where another has come to, with other settings and in a directory of its own.
///
/// It takes over weights, moments and the count of steps from the newest checkpoint; reports and evaluations stay with the run
/// they are of.
package struct RunFork {
    private let origin: RunDirectory
    private let configuration: ClusterConfiguration
    private let directory: RunLayout
    private let checkpoint: Checkpoint

    /// Looks at everything and writes nothing.
    /// - Parameters:
    ///   - path: The run directory to begin from.
    ///   - configuration: Of the run that begins.
    /// - Throws: `RoleFailure`, `CheckpointError` or `ModelFileError` that says why it cannot begin there.
    package init(from path: String, _ configuration: ClusterConfiguration) throws {
        let origin = try RunDirectory(path)
        let directory = RunLayout(configuration.run.directory)
        guard !FileTree.exists(directory.snapshot) else {
            throw RoleFailure(
                .usage,
                "\(directory.path) holds a run already: go on with it without --from, or set run.directory or --run-dir to "
                    + "another directory")
        }
        let checkpoint = try Checkpoint(path: try origin.newestCheckpoint())
        let state = checkpoint.state
        let shape = try ModelFile(path: configuration.model.path).shape
        guard state.shape == shape else {
            throw RoleFailure(.configuration, "\(checkpoint.path) is of another model than \(configuration.model.path)")
        }
        guard state.step.rawValue < UInt64(configuration.run.steps) else {
            throw RoleFailure(
                .configuration,
                "run.steps is \(configuration.run.steps), and \(checkpoint.path) has as many: steps are counted from the "
                    + "beginning of the run it is from, so write more")
        }
        self.origin = origin
        self.configuration = configuration
        self.directory = directory
        self.checkpoint = checkpoint
    }

    /// What a person should know about it, in sentences.
    private var remarks: [String] {
        let changes = self.configuration.lastingDifferences(from: self.origin.configuration)
        let first =
            "begins at step \(self.checkpoint.state.step) with \(self.checkpoint.path)"
            + (changes.isEmpty ? "" : ": \(changes.map(\.description).joined(separator: "; "))")
        guard changes.contains(where: { $0.path.hasPrefix("task.") }) else { return [first] }
        return [first, "warning: with another task or split, held-out problems may be among those it was trained on"]
    }

    /// Makes the directory; a role that starts there finds a run that was stopped at the checkpoint.
    package func make(saying say: (String) -> Void) throws {
        for remark in self.remarks { say(remark) }
        let run = RunID.random()
        let whole = try TaskSource.load(self.configuration.task, baseDirectory: "")
        let problems = SharedContent("problems", whole.forEachDefiningPart)
        try FileTree.createDirectory(self.directory.path, access: .owner)
        let store = CheckpointStore(directory: self.directory.checkpoints, keep: self.configuration.checkpoint.keep)
        try store.prepare()
        var state = self.checkpoint.state
        state.run = run
        state.configurationHash = self.configuration.lastingHash.hexadecimal
        try Self.copy(self.checkpoint, as: state, to: store)
        // Last: without it there is no run, and the same command begins anew.
        try RunSnapshot(
            run: run, configurationHash: self.configuration.lastingHash.hexadecimal,
            contents: [problems.name: problems.hash.hexadecimal], step: state.step
        ).save(self.directory.snapshot)
    }

    /// Every byte is compared with its hash on the way.
    private static func copy(_ checkpoint: Checkpoint, as state: CheckpointState, to store: CheckpointStore) throws {
        let layout = ParameterLayout(state.shape)
        let buffers = (0..<3).map { _ in UnsafeMutableBufferPointer<Float>.allocate(capacity: layout.count) }
        defer { for buffer in buffers { buffer.deallocate() } }
        try checkpoint.readParameters(layout, into: buffers[0])
        try checkpoint.readMoments(layout, first: buffers[1], second: buffers[2])
        let sources = buffers.map { ByteSource(UnsafeRawBufferPointer($0)) }
        try store.save(state, parameters: sources[0], firstMoments: sources[1], secondMoments: sources[2])
    }
}
