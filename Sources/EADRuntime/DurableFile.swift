package import EADCore
package import Foundation
import Glibc

/// Replaces small files so that a crash leaves either the old or the new contents.
package enum DurableFile {
    /// Writes to a temporary file, flushes it to disk, renames it, and flushes the directory.
    /// - Throws: `RoleFailure` naming the path and the system's reason; the old file is untouched then.
    package static func replace(_ url: URL, with data: Data) throws(RoleFailure) {
        let temporary = url.path + ".tmp"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Self.failure("create", temporary) }
        var offset = 0
        while offset < data.count {
            let written = data.withUnsafeBytes { write(file, $0.baseAddress! + offset, data.count - offset) }
            guard written > 0 else {
                let failure = Self.failure("write", temporary)
                close(file)
                unlink(temporary)
                throw failure
            }
            offset += written
        }
        guard fsync(file) == 0, close(file) == 0 else { throw Self.failure("flush", temporary) }
        guard rename(temporary, url.path) == 0 else { throw Self.failure("rename", temporary) }
        try Self.flushDirectory(url.deletingLastPathComponent())
    }

    /// Makes renames and creations inside a directory durable.
    package static func flushDirectory(_ url: URL) throws(RoleFailure) {
        let directory = open(url.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw Self.failure("open", url.path) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw Self.failure("flush", url.path) }
    }

    private static func failure(_ action: String, _ path: String) -> RoleFailure {
        RoleFailure(.io, "cannot \(action) \(path): \(String(cString: strerror(errno)))")
    }
}
