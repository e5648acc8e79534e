import EADConfiguration
import EADCore
import EADFiles
package import EADReport
import EADTelemetry

extension ReportedFineTuning {
    /// Whether a directory is of a fine-tuning.
    package static func isOne(_ path: String) -> Bool { FileTree.exists(RunLayout(path).fineTuning) }

    /// Reads what a fine-tuning left in its directory.
    /// - Throws: `RoleFailure` or `FileError` naming the file.
    package init(directory path: String) throws {
        let directory = RunLayout(path)
        guard let record = try FineTuningRecord(in: directory) else {
            throw RoleFailure(.usage, "\(path) is not the directory of a fine-tuning")
        }
        let log = try RunLog.read(path: directory.log)
        self.init(
            name: FileTree.name(of: path), settings: record.settings.merging(record.lasting) { $1 },
            records: log.records, damagedLines: log.damagedLines.map { "\(directory.log):\($0)" })
    }
}
