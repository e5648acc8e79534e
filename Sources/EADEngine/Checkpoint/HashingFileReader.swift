import Crypto
import EADCore
import Glibc

/// Reads a file in sequence and hashes what it reads.
struct HashingFileReader: ~Copyable {
    private let path: String
    private let descriptor: Int32
    private var hash = SHA256()
    private var count = 0
    /// Bytes of the file when it was opened.
    let length: Int

    /// As for writing.
    private static let pieceSize = 1 << 20

    init(path: String) throws(CheckpointError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .reading(path, errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .damaged(path, "not a regular file")
        }
        self.path = path
        self.descriptor = descriptor
        self.length = Int(status.st_size)
    }

    deinit { close(self.descriptor) }

    /// Fills the buffer; a file that ends before is damaged.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
        var start = 0
        while start < buffer.count {
            let piece = UnsafeMutableRawBufferPointer(
                rebasing: buffer[start..<min(start + Self.pieceSize, buffer.count)])
            let count = Glibc.read(self.descriptor, piece.baseAddress, piece.count)
            if count < 0 {
                guard errno == EINTR else { throw .reading(self.path, errno) }
            } else if count == 0 {
                throw .damaged(self.path, "the file ends after \(self.count) bytes")
            } else {
                self.hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: piece[..<count]))
                self.count += count
                start += count
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
