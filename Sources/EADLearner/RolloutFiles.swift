import EADConfiguration
import EADCore
import EADFiles
import EADModels
import EADRuntime
import EADTelemetry
import Foundation
import Logging

/// Some of the rollouts that steps are trained on, written for people to read: a file per step.
final class RolloutFiles {
    private let settings: LogConfiguration.Rollouts
    private let layout: RunLayout
    private let tokenizer: Tokenizer
    private let logger: Logger
    /// The same for TensorBoard; nil where nobody wants it, or the disk did not take it.
    private var events: EventFile?

    /// Nil where none are asked for.
    init?(_ configuration: ClusterConfiguration, file: ModelFile, layout: RunLayout, logger: Logger) throws {
        guard configuration.log.rollouts.every > 0 else { return nil }
        self.settings = configuration.log.rollouts
        self.layout = layout
        self.tokenizer = try Tokenizer(file)
        self.logger = logger
        if configuration.log.tensorBoard { self.beginEvents() }
    }

    /// All that is on disk, anew.
    private func beginEvents() {
        do {
            try FileTree.createDirectory(self.layout.tensorBoard, access: .owner)
            self.events = try EventFile(
                directory: self.layout.rolloutEvents, host: ProcessIdentity.host, process: ProcessIdentity.id,
                time: Date().timeIntervalSince1970)
            guard FileTree.exists(self.layout.rollouts) else { return }
            for step in try FileTree.names(in: self.layout.rollouts).compactMap({ RunLayout.rolloutStep($0) }).sorted()
            {
                let lines = Data(try FileContents.read(self.layout.rollouts(of: step)))
                try self.events?.append(
                    try RolloutRecord.records(lines), step: step, time: Date().timeIntervalSince1970)
            }
        } catch {
            self.events = nil
            self.logger.warning("nothing is written for TensorBoard: \(error)")
        }
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
            try self.events?.append(records, step: step, time: Date().timeIntervalSince1970)
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
