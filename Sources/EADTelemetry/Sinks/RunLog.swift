package import EADCore
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

    /// The last records, read from at most so many bytes at the end, so that the time it takes does not grow with the run.
    package func tail(bytes: Int) throws(FileError) -> RunLogContents {
        let start = max(0, self.file.length - bytes)
        var text = try self.file.read(start..<self.file.length)[...]
        // The first line is a part of one, or the whole of it, in which case nobody misses it.
        if start > 0 { text = text.drop { $0 != UInt8(ascii: "\n") }.dropFirst() }
        return RunLogContents(Data(text))
    }

    /// All records of a log in order, also while it is being written.
    package static func read(path: String) throws(FileError) -> RunLogContents {
        RunLogContents(Data(try FileContents.read(path)))
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
    fileprivate static var nonFinite:
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

/// What a log says, and which of its lines say nothing.
package struct RunLogContents: Sendable {
    /// In order.
    package private(set) var records: [RunRecord] = []
    /// Numbers of the lines, from 1, that hold no record: a damaged line takes nothing else with it.
    package private(set) var damagedLines: [Int] = []

    /// Of the weights that each step ended with; of a step that was trained more than once the last.
    package var rootHashes: [GlobalStep: String] {
        self.records.reduce(into: [:]) { hashes, record in
            if record.kind == .step { hashes[record.step] = record.notes["root_hash"] }
        }
    }

    fileprivate init(_ text: Data) {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = RunLog.nonFinite.decoding
        // What follows the last newline is empty or torn.
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
        for (index, line) in lines.enumerated() {
            if let record = try? decoder.decode(RunRecord.self, from: line) {
                self.records.append(record)
            } else {
                self.damagedLines.append(index + 1)
            }
        }
    }
}
