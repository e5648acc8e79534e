import EADCore
package import EADFiles
import EADObservation
import EADRuntime
import EADTelemetry
import Foundation

/// Figures of a run for other programs.
package struct MetricsExport {
    package enum Format: String, CaseIterable, Sendable {
        /// A row per step and evaluation, a column per figure.
        case csv
        /// An object per step and evaluation.
        case jsonl
        /// A directory of events.
        case tensorboard
    }

    private let records: [RunRecord]

    /// - Throws: `RoleFailure`, `ConfigurationError` or `FileError` for what is no run's directory.
    package init(_ directory: String) throws {
        // Of a step that was trained again, or evaluated again, the last.
        var last: [Key: RunRecord] = [:]
        for record in try RunFiles(directory).log.records where record.kind != .event {
            last[Key(kind: record.kind, step: record.step, samples: record.values[\.evaluatedSamples])] = record
        }
        self.records = last.values.sorted { ($0.step, $0.time) < ($1.step, $1.time) }
    }

    private struct Key: Hashable {
        var kind: RunRecord.Kind
        var step: GlobalStep
        var samples: Double?
    }

    /// Columns `kind`, `step`, `time`, and each figure that any row has; what was not measured is empty.
    package var csv: String {
        let keys = Set(self.records.flatMap(\.values.keys)).sorted()
        let rows = self.records.map { record in
            ["\(record.kind.rawValue)", "\(record.step)", "\(record.time)"]
                + keys.map { key in record.values[key].map { "\($0)" } ?? "" }
        }
        return ([["kind", "step", "time"] + keys.map(\.name)] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
    }

    /// Members as the columns of `csv`; a figure that is no number is a text, as in `run.jsonl`.
    package var jsonl: String {
        self.records.map { record in
            let values = record.values.map { key, value in
                "\(JSONValue.quoted(key.name)):\(value.isFinite ? "\(value)" : "\"\(value)\"")"
            }
            let head = "\"kind\":\"\(record.kind.rawValue)\",\"step\":\(record.step),\"time\":\(record.time)"
            return "{\(([head] + values).joined(separator: ","))}\n"
        }.joined()
    }

    /// Writes a directory that TensorBoard reads.
    package func writeEvents(to directory: String) throws(FileError) {
        var file = try EventFile(
            directory: directory, host: ProcessIdentity.host, process: ProcessIdentity.id,
            time: Date().timeIntervalSince1970)
        try file.append(self.records)
    }
}
