import EADConfiguration
import EADCore
import EADEngine
import EADFiles
import EADMessages
import EADModels
import EADProtocol
import EADRuntime
import Logging

/// Where a learner will go on, as its files promise: read off checkpoint and journal without loading a weight.
///
/// So a learner takes groups while its engine has yet to load and to train again. The engine reads every byte, and may find
/// that the checkpoint does not keep what it promised.
struct Prospect: Sendable {
    /// The run that checkpoint and journal belong to; nil for a learner without past.
    let run: RunID?
    /// The step of the checkpoint; nil without one.
    let checkpoint: GlobalStep?
    /// The step to go on with.
    let step: GlobalStep
    /// What the journal has of `step` and of the open steps after it.
    let pending: [JournalledStep]

    /// - Parameter assembler: Tells complete steps; the one that collected the groups in the first place.
    /// - Throws: `CheckpointError`, `FileError`, or `RoleFailure` when the run in the directory is another.
    init(
        _ context: RoleContext, _ file: ModelFile, _ journal: RolloutJournal,
        assembler: @escaping (GlobalStep) -> BatchAssembler
    ) throws {
        let store = CheckpointStore(context)
        try store.prepare()
        let checkpoint = try store.promising(file.layout)
        if let checkpoint { try context.requireConfiguration(of: checkpoint) }
        var recovery = Recovery(
            from: checkpoint?.state.step ?? GlobalStep(0), run: checkpoint?.state.run, assembler: assembler)
        func load(_ step: GlobalStep) throws -> JournalledStep {
            let (held, cut) = try journal.load(step)
            if cut > 0 { context.logger.warning("cut \(cut) damaged bytes off the journal of step \(step)") }
            return held
        }
        while try recovery.resume(try load(recovery.step)) != nil {}
        let later = recovery.laterSteps
        for step in later { try recovery.keep(try load(step)) }
        // What is behind them is of a future that was lost with a checkpoint.
        try journal.discard(from: (later.last ?? recovery.step).next)
        self.run = recovery.run
        self.checkpoint = checkpoint?.state.step
        self.step = recovery.step
        self.pending = recovery.pending
    }
}

extension CheckpointStore {
    /// That of a node's run directory.
    init(_ context: RoleContext) {
        self.init(directory: context.directory.checkpoints, keep: context.configuration.checkpoint.keep)
    }
}

extension RoleContext {
    /// - Throws: `RoleFailure` when the checkpoint is of another configuration.
    func requireConfiguration(of checkpoint: Checkpoint) throws(RoleFailure) {
        guard checkpoint.state.configurationHash == self.configuration.lastingHash.hexadecimal else {
            throw self.anotherConfiguration(at: checkpoint.path)
        }
    }
}
