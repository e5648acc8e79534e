import EADConfiguration
import EADCore
import EADFiles
import EADModels
import EADTelemetry
import Logging

/// Some of the rollouts that steps are trained on, written for people to read: a file per step.
struct RolloutFiles {
    private let settings: LogConfiguration.Rollouts
    private let layout: RunLayout
    private let tokenizer: Tokenizer
    private let logger: Logger

    /// Nil where none are asked for.
    init?(_ configuration: ClusterConfiguration, file: ModelFile, layout: RunLayout, logger: Logger) throws {
        guard configuration.log.rollouts.every > 0 else { return nil }
        self.settings = configuration.log.rollouts
        self.layout = layout
        self.tokenizer = try Tokenizer(file)
        self.logger = logger
    }

    /// Writes those of the step, if it is one of the chosen; training does not depend on whether that can be done.
    /// - Parameter groups: In order of slot.
    func write(_ step: GlobalStep, _ groups: [RolloutGroup]) {
        guard step.rawValue.isMultiple(of: UInt64(self.settings.every)) else { return }
        let records = groups.prefix(self.settings.problems).flatMap { group in
            let prompt = self.tokenizer.decode(group.promptTokens)
            return group.rollouts.indices.map { sample in
                RolloutRecord(group, sample: sample, prompt: prompt) { self.tokenizer.bytes(of: $0) }
            }
        }
        do throws(FileError) {
            try FileTree.createDirectory(self.layout.rollouts, access: .owner)
            try DurableFile.replace(
                self.layout.rollouts(of: step), with: Array(RolloutRecord.lines(records)).span.bytes)
            try self.prune()
        } catch {
            self.logger.warning("rollouts of step \(step) are not written: \(error)")
        }
    }

    private func prune() throws(FileError) {
        let steps = try FileTree.names(in: self.layout.rollouts).compactMap { RunLayout.rolloutStep($0) }
        for step in steps.sorted().dropLast(self.settings.keep) {
            try FileTree.deleteFile(self.layout.rollouts(of: step))
        }
    }
}
