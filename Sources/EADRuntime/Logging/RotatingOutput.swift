import EADFiles
import Foundation
import Glibc
import Synchronization

/// Standard error as a log that does not grow for ever.
///
/// Where it is a file of the run directory, the process itself puts it aside once it is long: it renames the file and goes
/// on with one of the old name, so that no line is lost and whoever follows sees all of them. Anything else, such as a
/// pipe, the journal of systemd or the output of a batch job, belongs to whoever made it.
final class RotatingOutput: Sendable {
    private let descriptor: Int32
    private let path: String?
    private let limit: Int
    private let written: Mutex<Int>

    /// - Parameters:
    ///   - limit: Bytes; 0 for no limit.
    ///   - descriptor: Standard error.
    init(directory: RunLayout, limit: Int, descriptor: Int32 = STDERR_FILENO) {
        self.descriptor = descriptor
        let place = Self.file(of: descriptor)
        let isOurs = place.map { FileTree.directory(of: $0) == Self.real(directory.path) } ?? false
        self.path = isOurs && limit > 0 ? place : nil
        self.limit = limit
        var status = stat()
        self.written = Mutex(fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0)
    }

    func write(_ text: String) {
        let bytes = Array(text.utf8)
        self.written.withLock { written in
            if let path = self.path, written + bytes.count > self.limit, self.putAside(path) { written = 0 }
            // A log that cannot be written must not end what it tells about.
            bytes.withUnsafeBytes { _ = Glibc.write(self.descriptor, $0.baseAddress, $0.count) }
            written += bytes.count
        }
    }

    /// Whether a new file was begun; else the old one goes on.
    private func putAside(_ path: String) -> Bool {
        guard rename(path, RunLayout.older(path)) == 0 else { return false }
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard file >= 0 else { return false }
        defer { close(file) }
        // What the process prints without a logger goes to the same place.
        if Self.file(of: STDOUT_FILENO) == RunLayout.older(path) { dup2(file, STDOUT_FILENO) }
        return dup2(file, self.descriptor) == self.descriptor
    }

    /// The path of what is open, where that is a regular file with a name.
    private static func file(of descriptor: Int32) -> String? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return self.real("/proc/self/fd/\(descriptor)")
    }

    private static func real(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }
}
