import Crypto
import EADCore
import Glibc

/// Writes a new file in sequence and hashes what it writes; the file is durable once `finish` returns.
struct HashingFileWriter: ~Copyable {
    private let path: String
    private let descriptor: Int32
    private var hash = SHA256()

    /// Large pieces keep the number of system calls low; a piece of this size is still in the second-level cache when it is
    /// copied after it has been hashed.
    private static let pieceSize = 1 << 20

    init(path: String) throws(CheckpointError) {
        self.path = path
        self.descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard self.descriptor >= 0 else { throw .writing(path, errno) }
    }

    deinit {
        // After `finish` nothing is left to lose; without it the file is abandoned.
        if self.descriptor >= 0 { close(self.descriptor) }
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
        var start = 0
        while start < bytes.count {
            let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + Self.pieceSize, bytes.count)])
            self.hash.update(bufferPointer: piece)
            try self.writePiece(piece)
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

    private func writePiece(_ piece: UnsafeRawBufferPointer) throws(CheckpointError) {
        var rest = piece[...]
        while !rest.isEmpty {
            let written = Glibc.write(self.descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written < 0 {
                guard errno == EINTR else { throw .writing(self.path, errno) }
            } else {
                rest = rest.dropFirst(written)
            }
        }
    }

    /// Makes the file durable and returns its SHA-256 as 64 hexadecimal digits.
    consuming func finish() throws(CheckpointError) -> String {
        guard fsync(self.descriptor) == 0 else { throw .writing(self.path, errno) }
        return Array(self.hash.finalize()).hexadecimal
    }
}
