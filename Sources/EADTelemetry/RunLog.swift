import EADCore
import Foundation
import Glibc

/// The log of a run: an append-only file of JSON lines with one writer.
///
/// Each record is one complete line. A crash leaves at most one torn line at the end, which the next `RunLog` of the
/// file cuts off and `read` passes over. Calls block on the disk; keep them off the cooperative pool.
package struct RunLog: ~Copyable {
    package enum Durability: Hashable, Sendable {
        /// A record survives the death of the process.
        case process
        /// A record also survives the loss of power: `append` returns after `fsync`.
        case disk
    }

    package let path: String
    /// Bytes of a torn line that opening the file cut off.
    package let discardedBytes: Int
    private let descriptor: Int32
    private let durability: Durability
    private var length: off_t
    private let encoder: JSONEncoder

    /// Opens or creates the file and takes its lock.
    package init(path: String, durability: Durability = .process) throws(RunLogError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .system(path: path, operation: "open", errno: errno) }
        do throws(RunLogError) {
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                throw errno == EWOULDBLOCK
                    ? .locked(path: path) : .system(path: path, operation: "lock", errno: errno)
            }
            let end = lseek(descriptor, 0, SEEK_END)
            guard end >= 0 else { throw .system(path: path, operation: "seek in", errno: errno) }
            let whole = try Self.endOfLastLine(descriptor, before: end, path: path)
            guard ftruncate(descriptor, whole) == 0 else {
                throw .system(path: path, operation: "truncate", errno: errno)
            }
            self.length = whole
            self.discardedBytes = Int(end - whole)
        } catch {
            close(descriptor)
            throw error
        }
        self.path = path
        self.durability = durability
        self.descriptor = descriptor
        self.encoder = JSONEncoder()
        self.encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        self.encoder.nonConformingFloatEncodingStrategy = Self.nonFinite.encoding
    }

    deinit { close(self.descriptor) }

    /// Writes one record; on failure the file is as before.
    package mutating func append(_ record: RunRecord) throws(RunLogError) {
        let line: Data
        do {
            line = try self.encoder.encode(record) + [UInt8(ascii: "\n")]
        } catch {
            preconditionFailure("texts and numbers are always encodable: \(error)")
        }
        var written = 0
        while written < line.count {
            let count = line[(line.startIndex + written)...].withUnsafeBytes {
                write(self.descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = RunLogError.system(path: self.path, operation: "write", errno: errno)
                // If this fails too, the torn line is cut off when the log is next opened.
                _ = ftruncate(self.descriptor, self.length)
                throw failure
            }
            written += count
        }
        self.length += off_t(line.count)
        if self.durability == .disk, fsync(self.descriptor) != 0 {
            throw .system(path: self.path, operation: "sync", errno: errno)
        }
    }

    /// All records of a log in order, also while it is being written.
    package static func read(path: String) throws(RunLogError) -> [RunRecord] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(path: path, operation: "open", errno: errno) }
        defer { close(descriptor) }
        var data = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = pread(descriptor, &buffer, buffer.count, off_t(data.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system(path: path, operation: "read", errno: errno) }
            if count == 0 { break }
            data += buffer[..<count]
        }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = Self.nonFinite.decoding
        var records: [RunRecord] = []
        // What follows the last newline is empty or torn.
        for line in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
            do {
                records.append(try decoder.decode(RunRecord.self, from: line))
            } catch {
                throw .malformed(path: path, line: records.count + 1, reason: "\(error)")
            }
        }
        return records
    }

    /// The offset after the last newline before `end`.
    private static func endOfLastLine(
        _ descriptor: Int32, before end: off_t, path: String
    ) throws(RunLogError) -> off_t {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var end = end
        while end > 0 {
            let start = max(0, end - off_t(buffer.count))
            let count = pread(descriptor, &buffer, Int(end - start), start)
            if count < 0, errno == EINTR { continue }
            guard count == Int(end - start) else { throw .system(path: path, operation: "read", errno: errno) }
            if let newline = buffer[..<count].lastIndex(of: UInt8(ascii: "\n")) { return start + off_t(newline) + 1 }
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
