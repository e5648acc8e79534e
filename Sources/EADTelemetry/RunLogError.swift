import Glibc

/// Why a run's log could not be opened, written or read.
package enum RunLogError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A system call failed on the file.
    case system(path: String, operation: String, errno: Int32)
    /// Another process writes this log.
    case locked(path: String)
    /// A line, counted from 1, is not a record.
    case malformed(path: String, line: Int, reason: String)

    package var description: String {
        switch self {
        case .system(let path, let operation, let errno):
            "cannot \(operation) \(path): \(String(cString: strerror(errno)))"
        case .locked(let path):
            "\(path) is written by another process; stop it or choose another run directory"
        case .malformed(let path, let line, let reason):
            "\(path):\(line): not a record of a run log: \(reason)"
        }
    }
}
