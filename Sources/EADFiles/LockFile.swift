import Glibc

/// A file that keeps two processes from writing the same things; the system releases it when the process ends.
package final class LockFile: Sendable {
    private let file: OpenFile

    /// - Throws: `FileError` when it cannot be opened, and with `Cause.held` when another process has it.
    package init(_ path: String) throws(FileError) {
        let file = try OpenFile(path, for: .appending(.everyone))
        guard try file.lock() else {
            // The holder wrote its process id; it is for the message only.
            let holder = (try? FileContents.read(path, limit: 64)).map { String(decoding: $0, as: UTF8.self) }
            throw FileError(.lock, path, .held(by: holder.flatMap { $0.isEmpty ? nil : $0 }))
        }
        try file.truncate(to: 0)
        try file.write(Array("\(getpid())".utf8).span.bytes)
        self.file = file
    }

    /// Whether a process of this host has the lock. Nothing is taken to find out: its owner may be about to.
    package static func isHeld(_ path: String) -> Bool {
        var status = stat()
        // Without a readable file there is no holder.
        guard stat(path, &status) == 0, let holder = try? FileContents.read(path, limit: 64),
            let locks = try? FileContents.read("/proc/locks")
        else { return false }
        // `1: FLOCK  ADVISORY  WRITE 4711 fe:01:123456 0 EOF`, with the inode last in its field.
        return String(decoding: locks, as: UTF8.self).split(separator: "\n").contains { line in
            let fields = line.split(separator: " ")
            return fields.count > 5 && fields[1] == "FLOCK" && fields[4] == Substring(decoding: holder, as: UTF8.self)
                && fields[5].hasSuffix(":\(status.st_ino)")
        }
    }
}
