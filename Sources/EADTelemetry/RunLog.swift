import EADCore
package import EADFiles
import Foundation

/// The log of a run: an append-only file of JSON lines with one writer.
///
/// Each record is one complete line. A crash leaves at most one torn line at the end, which the next `RunLog` of the
/// file cuts off and `read` passes over. Calls block on the disk; keep them off the cooperative pool.
package struct RunLog: ~Copyable {
    /// Bytes of a torn line that opening the file cut off.
    package let discardedBytes: Int
    private var file: AppendFile
    private let encoder: JSONEncoder

    /// Opens or creates the file and takes its lock.
    package init(path: String, durability: AppendFile.Durability = .process) throws(FileError) {
        var file = try AppendFile(path, durability: durability, isExclusive: true)
        let whole = try Self.endOfLastLine(file)
        let torn = file.length - whole
        if torn > 0 { try file.cut(to: whole) }
        self.discardedBytes = torn
        self.file = file
        self.encoder = JSONEncoder()
        self.encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        self.encoder.nonConformingFloatEncodingStrategy = Self.nonFinite.encoding
    }

    package var path: String { self.file.path }

    /// Writes one record; on failure the file is as before.
    package mutating func append(_ record: RunRecord) throws(FileError) {
        let line: Data
        do {
            line = try self.encoder.encode(record) + [UInt8(ascii: "\n")]
        } catch {
            preconditionFailure("texts and numbers are always encodable: \(error)")
        }
        try self.file.append(line.bytes)
    }

    /// All records of a log in order, also while it is being written.
    package static func read(path: String) throws(FileError) -> [RunRecord] {
        let data = Data(try FileContents.read(path))
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = Self.nonFinite.decoding
        var records: [RunRecord] = []
        // What follows the last newline is empty or torn.
        for line in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
            do {
                records.append(try decoder.decode(RunRecord.self, from: line))
            } catch {
                throw FileError(
                    .read, path, .malformed(line: records.count + 1, "not a record of a run log: \(error)"))
            }
        }
        return records
    }

    /// The offset after the last newline.
    private static func endOfLastLine(_ file: borrowing AppendFile) throws(FileError) -> Int {
        var end = file.length
        while end > 0 {
            let start = max(0, end - 4096)
            let piece = try file.read(start..<end)
            if let newline = piece.lastIndex(of: UInt8(ascii: "\n")) { return start + newline + 1 }
            end = start
        }
        return 0
    }

    /// JSON has no NaN and no infinity.
    private static var nonFinite:
        (
            encoding: JSONEncoder.NonConformingFloatEncodingStrategy,
            decoding: JSONDecoder.NonConformingFloatDecodingStrategy
        )
    {
        (
            .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan"),
            .convertFromString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        )
    }
}
