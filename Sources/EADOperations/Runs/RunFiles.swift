import EADConfiguration
import EADCore
import EADFiles
import EADTelemetry

/// What a run left in its directory that says how it went; needs nobody who runs.
struct RunFiles {
    let directory: RunLayout
    /// As the controller understood it.
    let configuration: ClusterConfiguration
    let log: RunLogContents

    /// - Throws: `RoleFailure`, `ConfigurationError` or `FileError` naming the file, and the line where there is one.
    init(_ path: String) throws {
        self.directory = RunLayout(path)
        guard FileTree.exists(self.directory.log) else {
            throw RoleFailure(
                .usage, "\(path) is not a run directory: it has no \(FileTree.name(of: self.directory.log))")
        }
        self.configuration = try RunDirectory(path).configuration
        self.log = try RunLog.read(path: self.directory.log)
        // One damaged line is passed over; a file without a single record is another file.
        if self.log.records.isEmpty, let line = self.log.damagedLines.first {
            throw FileError(.read, self.directory.log, .malformed(line: line, "not a record of a run log"))
        }
    }

    /// Whether its controller runs on this host.
    var isRunning: Bool { LockFile.isHeld(self.directory.lock(of: self.configuration.controller.name)) }

    /// The weights each step ended with, by step; of a step trained again, the last.
    var weights: [UInt64: String] {
        self.log.records.reduce(into: [:]) { weights, record in
            if record.kind == .step { weights[record.step.rawValue] = record.notes["root_hash"] }
        }
    }
}
