import Crypto
import EADCore
import EADFiles

/// Writes a file in sequence and hashes what it writes; the file is durable once `finish` returns.
struct HashingFileWriter: ~Copyable {
    private let file: OpenFile
    private var hash = SHA256()

    /// Large pieces keep the number of system calls low; a piece of this size is still in the second-level cache when it is
    /// copied after it has been hashed.
    private static let pieceSize = 1 << 20

    init(path: String) throws(CheckpointError) {
        self.file = try CheckpointError.writing { () throws(FileError) in
            try OpenFile(path, for: .overwriting(.everyone))
        }
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
        var start = 0
        while start < bytes.count {
            let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + Self.pieceSize, bytes.count)])
            self.hash.update(bufferPointer: piece)
            do throws(FileError) { try self.file.write(piece) } catch { throw CheckpointError(writing: error) }
            start += piece.count
        }
    }

    mutating func write(_ source: ByteSource) throws(CheckpointError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: min(source.count, Self.pieceSize), alignment: MemoryLayout<UInt64>.alignment)
        defer { buffer.deallocate() }
        var start = 0
        while start < source.count {
            let piece = UnsafeMutableRawBufferPointer(
                rebasing: buffer[..<min(buffer.count, source.count - start)])
            source.read(start, piece)
            try self.write(UnsafeRawBufferPointer(piece))
            start += piece.count
        }
    }

    mutating func write(_ bytes: [UInt8]) throws(CheckpointError) {
        var failure: CheckpointError?
        bytes.withUnsafeBytes { buffer in
            do throws(CheckpointError) { try self.write(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Makes the file durable and returns its SHA-256 as 64 hexadecimal digits.
    consuming func finish() throws(CheckpointError) -> String {
        do throws(FileError) { try self.file.flushAll() } catch { throw CheckpointError(writing: error) }
        return Array(self.hash.finalize()).hexadecimal
    }
}
