import Glibc

/// Why something on disk could not be read or written: what was tried, where, the cause, and what to do about it.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried.
    package enum Operation: String, Hashable, Sendable, CaseIterable {
        case open, create, read, write, flush, truncate, rename, delete, list, lock, examine
    }

    package enum Cause: Hashable, Sendable {
        /// The system refused, with this `errno` value.
        case system(Int32)
        /// Another process has the lock; its process id, where it wrote that down.
        case held(by: String?)
        /// The file is not what it should be; its line, counted from 1, where there is one.
        case malformed(line: Int?, String)
    }

    package let operation: Operation
    package let path: String
    package let cause: Cause

    package init(_ operation: Operation, _ path: String, _ cause: Cause) {
        self.operation = operation
        self.path = path
        self.cause = cause
    }

    /// The `errno` value behind it, if the system refused.
    package var systemError: Int32? { if case .system(let code) = self.cause { code } else { nil } }

    /// Whether the file system, or the user's share of it, is full.
    package var isDiskFull: Bool { self.systemError == ENOSPC || self.systemError == EDQUOT }

    /// The cause alone, as a phrase that follows a colon.
    package var reason: String {
        switch self.cause {
        case .system(let code): String(cString: strerror(code))
        case .held(let holder): "it is held by " + (holder.map { "process \($0)" } ?? "another process")
        case .malformed(_, let text): text
        }
    }

    /// What a person can do about it; nil where the cause says it all.
    package var advice: String? {
        switch self.cause {
        case .held: return "stop that process, or use another directory"
        case .malformed: return nil
        case .system(let code):
            switch code {
            case ENOSPC, EDQUOT: return "free space on that file system"
            case EACCES, EPERM, EROFS: return "check its permissions and those of its directory"
            case ENOENT, ENOTDIR, EISDIR, ENAMETOOLONG: return "check the path"
            case EEXIST: return "remove it, or use another path"
            case ELOOP: return "it is a symbolic link; name the file itself"
            case EMFILE, ENFILE: return "raise the limit of open files (ulimit -n)"
            case EIO: return "look at the system's log: the disk reports an error"
            default: return "check the path and its permissions"
            }
        }
    }

    package var description: String {
        switch self.cause {
        case .system:
            "cannot \(self.operation) \(self.path): \(self.reason)" + (self.advice.map { "; \($0)" } ?? "")
        case .held(let holder):
            "\(self.path) is held by " + (holder.map { "process \($0)" } ?? "another process")
                + (self.advice.map { "; \($0)" } ?? "")
        case .malformed(let line, let text):
            self.path + (line.map { ":\($0)" } ?? "") + ": \(text)"
        }
    }
}
