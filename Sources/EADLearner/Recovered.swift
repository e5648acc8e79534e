package import EADCore
package import EADMessages
package import EADProtocol

/// Where a learner goes on once its engine has loaded the checkpoint and trained the journalled steps again.
package struct Recovered: Sendable {
    /// The run the weights belong to; nil for the model file's.
    package var run: RunID?
    package var step: GlobalStep
    /// The step of the checkpoint it started from; nil without one.
    package var checkpoint: GlobalStep?
    /// What the journal has of `step`; empty where that was known before the engine began.
    package var pending: [JournalledStep]
    package var manifest: PolicyManifest
    package var bytes: SharedBytes
    /// Of the steps trained again from the journal, in order up to the last: at least all that may not have been heard.
    package var reports: [StepReport]

    package init(
        run: RunID?, step: GlobalStep, checkpoint: GlobalStep?, pending: [JournalledStep] = [],
        manifest: PolicyManifest, bytes: SharedBytes, reports: [StepReport] = []
    ) {
        self.run = run
        self.step = step
        self.checkpoint = checkpoint
        self.pending = pending
        self.manifest = manifest
        self.bytes = bytes
        self.reports = reports
    }
}
