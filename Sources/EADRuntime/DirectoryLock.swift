import EADCore
import Foundation
import Glibc

/// A lock file that keeps two processes from writing one node's files; the system releases it when the process ends.
final class DirectoryLock: Sendable {
    private let file: Int32

    /// - Throws: `RoleFailure` when another process holds it, naming that process.
    init(_ url: URL) throws(RoleFailure) {
        let file = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            throw RoleFailure(.io, "cannot open \(url.path): \(String(cString: strerror(errno)))")
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            // The holder wrote its process id; it is for the message only.
            let holder = (try? String(contentsOf: url, encoding: .utf8)) ?? "unknown"
            close(file)
            throw RoleFailure(
                .unavailable, "\(url.path) is held by process \(holder): this node already runs in this directory")
        }
        let text = "\(getpid())"
        ftruncate(file, 0)
        _ = text.withCString { pwrite(file, $0, strlen($0), 0) }
        self.file = file
    }

    deinit { close(self.file) }
}
