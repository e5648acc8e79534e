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
}
