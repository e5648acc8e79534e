package import EADConfiguration
import EADCore
package import EADEngine
package import EADFiles
import EADMessages
import EADModels
import EADProtocol
import EADRuntime
import EADTelemetry
import Logging

/// Computes a run again from its journal, and compares everything with what the run left: what was sampled with what is
/// sampled with the version that a group names, and the weights after each step with those that were reported.
///
/// Runs on a thread of its own, and leaves the run's directory as it is.
package actor RunReplay {
    /// What was found to be as recorded.
    package struct Summary: Hashable, Sendable {
        package var steps = 0
        package var groups = 0
        package var tokens = 0
        /// Of the weights after the last step.
        package var rootHash = ""
    }

    private let executor = ThreadExecutor(name: "engine")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

    private let configuration: ClusterConfiguration
    private let directory: RunLayout
    private let engines: any EngineFactory
    private let logger: Logger

    /// - Parameters:
    ///   - configuration: The run's.
    ///   - directory: Of the run, wherever it lies by now.
    ///   - threads: Threads that compute, which changes no bit.
    package init(
        _ configuration: ClusterConfiguration, directory: RunLayout, engines: any EngineFactory, threads: Int
    ) {
        var configuration = configuration
        configuration.learner.threads = threads
        self.configuration = configuration
        self.directory = directory
        self.engines = engines
        self.logger = Logger(label: "ead.replay") { StreamLogHandler.standardError(label: $0) }
    }

    /// - Parameters:
    ///   - steps: Nil for all that were reported. Earlier ones are trained as far as weights or versions come of them.
    ///   - samples: Whether groups are sampled again, or trained on as recorded.
    ///   - say: Told of every step.
    /// - Throws: `ReplayDifference` for the first difference; other errors when the run cannot be computed again.
    package func replay(
        _ steps: ClosedRange<UInt64>?, samples: Bool, saying say: @Sendable (String) -> Void
    ) throws -> Summary {
        let reported = try RunLog.read(path: self.directory.log).rootHashes
        guard let last = steps?.upperBound ?? reported.keys.max()?.rawValue else {
            throw RoleFailure(.data, "\(self.directory.log) reports no step")
        }
        let first = steps?.lowerBound ?? reported.keys.min()?.rawValue ?? 0
        let file = try ModelFile(path: self.configuration.model.path)
        let policy = try self.policy(file, before: GlobalStep(first), withVersions: samples)
        let settings = LearnerState.Settings(
            self.configuration, shape: file.shape, capabilities: self.engines.capabilities)
        var sampling = samples ? try ReplayedSampling(self.configuration, file: file, engines: self.engines) : nil
        try sampling?.install(policy.publish())
        say("from \(policy.checkpointedStep.map { "the checkpoint of step \($0)" } ?? self.configuration.model.path)")
        var summary = Summary()
        while policy.step.rawValue <= last {
            let step = policy.step
            var batch = settings.assembler(of: step)
            let groups = try self.groups(of: step, in: &batch)
            var found: [String] = []
            if step.rawValue >= first, let tokens = try sampling?.compare(groups) {
                summary.groups += groups.count
                summary.tokens += tokens
                found.append("\(groups.count) groups of \(tokens) tokens sampled as recorded")
            }
            do { _ = try policy.train(step, batch.takeGroups()) } catch let refused as RefusedStep {
                throw ReplayDifference("step \(step) is refused: \(refused.cause.message)")
            }
            let version = policy.publish()
            summary.rootHash = version.manifest.rootHash.hexadecimal
            found.append(try self.compare(summary.rootHash, with: reported[step], after: step))
            try sampling?.install(version)
            summary.steps += 1
            say("step \(step): \(found.joined(separator: ", "))")
        }
        guard summary.steps > 0 else {
            throw RoleFailure(.usage, "nothing to replay: the weights begin after step \(last)")
        }
        return summary
    }

    /// The newest checkpoint from which a step can be reached, or the model file.
    /// - Parameter withVersions: Whether on the way all versions come by that the step's groups may be of.
    private func policy(_ file: ModelFile, before step: GlobalStep, withVersions: Bool) throws -> TrainedPolicy {
        let store = CheckpointStore(directory: self.directory.checkpoints, keep: self.configuration.checkpoint.keep)
        let bound = withVersions ? UInt64(self.configuration.training.stalenessBound) : 0
        let oldest = GlobalStep(step.rawValue - min(step.rawValue, bound))
        var checkpoint = oldest > GlobalStep(0) ? try store.newest(notPast: oldest) : nil
        if checkpoint == nil, !FileTree.exists(self.directory.journal(of: GlobalStep(0))) {
            // A run that began with the checkpoint of another has no versions before it.
            checkpoint = try store.newest(notPast: step)
        }
        return try TrainedPolicy(
            self.configuration, file: file,
            start: try StartingPoint(
                file: file, checkpoint: checkpoint, threads: self.configuration.learner.threads),
            store: store, engines: self.engines, logger: self.logger)
    }

    /// All groups that a step accepted, in order of slot.
    private func groups(of step: GlobalStep, in batch: inout BatchAssembler) throws -> [RolloutGroup] {
        let held = try RolloutJournal.recorded(step, in: self.directory.journal)
        batch.restore(held.discarded)
        for received in held.groups {
            let judgement = batch.receive(group: received.group, from: received.sender)
            guard judgement == .accept else {
                throw ReplayDifference("\(received.group.id) is in the journal, and is not acceptable: \(judgement)")
            }
        }
        guard batch.isComplete else {
            throw RoleFailure(
                .data,
                "the journal has \(batch.acceptedCount) of the \(batch.slotCount) groups of step \(step); a run can be "
                    + "replayed if journal.keep was all from its first step on")
        }
        return held.groups.map(\.group).sorted { $0.id < $1.id }
    }

    private func compare(_ hash: String, with reported: String?, after step: GlobalStep) throws -> String {
        guard let reported else { return "weights \(hash), which nobody reported" }
        guard hash == reported else {
            throw ReplayDifference("weights after step \(step): \(hash) computed, \(reported) reported")
        }
        return "weights \(hash) as reported"
    }
}
