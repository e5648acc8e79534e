package import EADConfiguration
import EADCore
package import EADFiles
package import EADTelemetry

/// What a run left in its directory that says how it went; needs nobody who runs.
package struct RunFiles {
    package let directory: RunLayout
    /// As the controller understood it.
    package let configuration: ClusterConfiguration
    package let log: RunLogContents

    /// - Throws: `RoleFailure`, `ConfigurationError` or `FileError` naming the file, and the line where there is one.
    package init(_ path: String) throws {
        self.directory = RunLayout(path)
        guard FileTree.exists(self.directory.log) else {
            throw RoleFailure(
                .usage, "\(path) is not a run directory: it has no \(FileTree.name(of: self.directory.log))")
        }
        self.configuration = try Self.configuration(in: path)
        self.log = try RunLog.read(path: self.directory.log)
        // One damaged line is passed over; a file without a single record is another file.
        if self.log.records.isEmpty, let line = self.log.damagedLines.first {
            throw FileError(.read, self.directory.log, .malformed(line: line, "not a record of a run log"))
        }
    }

    /// The settings of a run, as the node that writes `run.jsonl` understood them.
    /// - Throws: `RoleFailure` or `ConfigurationError`.
    package static func configuration(in path: String) throws -> ClusterConfiguration {
        let directory = RunLayout(path)
        for node in try FileTree.names(in: path).compactMap({ RunLayout.resolvedNode($0) }) {
            let configuration = try ClusterConfiguration.load(path: directory.resolvedConfiguration(of: node))
            if node == configuration.controller.name { return configuration }
        }
        guard !FileTree.exists(directory.fineTuning) else {
            throw RoleFailure(.usage, "\(path) is of a fine-tuning: ead-ctl report and ead-ctl runs look at such")
        }
        throw RoleFailure(
            .usage,
            "\(path) is not the run directory of a controller: it has no \(RunLayout.resolvedPattern) of the node that "
                + "is one")
    }

    /// Whether its controller runs on this host.
    package var isRunning: Bool { LockFile.isHeld(self.directory.lock(of: self.configuration.controller.name)) }
}
