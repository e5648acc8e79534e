import Glibc

/// A checkpoint that cannot be written or used: which file, what is wrong, and what to do about it.
package struct CheckpointError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable, CaseIterable {
        /// The directory or a file in it cannot be created, written or renamed.
        case unwritable
        case diskFull
        /// The file cannot be opened or read.
        case unreadable
        /// The contents are not what was written: another length, another hash, no valid structure.
        case damaged
        /// Intact, but of another model than asked for.
        case otherModel
    }

    package var code: Code
    package var path: String
    package var message: String
    package var advice: String

    init(_ code: Code, _ path: String, _ message: String, advice: String) {
        self.code = code
        self.path = path
        self.message = message
        self.advice = advice
    }

    package var description: String { "\(self.path): \(self.message); \(self.advice)" }

    /// What the C library reports in `errno` while something is written.
    static func writing(_ path: String, _ code: Int32) -> CheckpointError {
        let full = code == ENOSPC || code == EDQUOT
        return CheckpointError(
            full ? .diskFull : .unwritable, path, String(cString: strerror(code)),
            advice: full ? "free space on that file system" : "check the path and its permissions")
    }

    /// What the C library reports in `errno` while something is read.
    static func reading(_ path: String, _ code: Int32) -> CheckpointError {
        CheckpointError(
            .unreadable, path, String(cString: strerror(code)), advice: "check the path and its permissions")
    }

    static func damaged(_ path: String, _ message: String) -> CheckpointError {
        CheckpointError(.damaged, path, message, advice: "use an older checkpoint, or remove this one")
    }
}
