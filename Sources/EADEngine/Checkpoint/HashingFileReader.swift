import Crypto
import EADCore
import EADFiles

/// Reads a file in sequence and hashes what it reads.
struct HashingFileReader: ~Copyable {
    private let file: OpenFile
    private var hash = SHA256()
    private var count = 0
    /// Bytes of the file when it was opened.
    let length: Int

    /// A piece of this size is still in the second-level cache when it is hashed after it has been copied.
    private static let pieceSize = 1 << 20

    init(path: String) throws(CheckpointError) {
        do throws(FileError) {
            let file = try OpenFile(path, for: .reading)
            self.length = try file.length()
            self.file = file
        } catch {
            throw CheckpointError(reading: error)
        }
    }

    /// Fills the buffer; a file that ends before is damaged.
    ///
    /// Checkpoints are large: a process that is told to leave does not read on.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
        var start = 0
        while start < buffer.count {
            guard !Task.isCancelled else { throw .cancelled(self.file.path) }
            let piece = UnsafeMutableRawBufferPointer(
                rebasing: buffer[start..<min(start + Self.pieceSize, buffer.count)])
            let count: Int
            do throws(FileError) { count = try self.file.read(into: piece) } catch {
                throw CheckpointError(reading: error)
            }
            self.hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: piece[..<count]))
            self.count += count
            start += count
            guard count == piece.count else {
                throw .damaged(self.file.path, "the file ends after \(self.count) bytes")
            }
        }
    }

    /// Reads `count` bytes, which the caller has compared with `length`.
    mutating func read(_ count: Int) throws(CheckpointError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var failure: CheckpointError?
        bytes.withUnsafeMutableBytes { buffer in
            do throws(CheckpointError) { try self.read(into: buffer) } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Reads on to the end of the file.
    mutating func skipRest() throws(CheckpointError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceSize, alignment: 64)
        defer { buffer.deallocate() }
        while self.count < self.length {
            try self.read(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(Self.pieceSize, self.length - self.count)]))
        }
    }

    /// The SHA-256 of what has been read, as 64 hexadecimal digits.
    consuming func finish() -> String { Array(self.hash.finalize()).hexadecimal }
}
