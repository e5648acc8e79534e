import EADFiles

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
        /// It was not read to the end: the process leaves.
        case cancelled
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

    package var description: String {
        let isWriting = self.code == .unwritable || self.code == .diskFull
        return "\(isWriting ? "cannot write " : "")\(self.path): \(self.message); \(self.advice)"
    }

    /// What kept a checkpoint from being written.
    init(writing error: FileError) {
        self.init(
            error.isDiskFull ? .diskFull : .unwritable, error.path, error.reason,
            advice: error.advice ?? "check the path and its permissions")
    }

    /// What kept a checkpoint from being read.
    init(reading error: FileError) {
        guard case .system = error.cause else {
            self = .damaged(error.path, error.reason)
            return
        }
        self.init(
            .unreadable, error.path, error.reason, advice: error.advice ?? "check the path and its permissions")
    }

    /// Changes files; a failure is one of writing.
    static func writing<Value: ~Copyable>(
        _ change: () throws(FileError) -> Value
    ) throws(CheckpointError) -> Value {
        do throws(FileError) { return try change() } catch { throw CheckpointError(writing: error) }
    }

    static func cancelled(_ path: String) -> CheckpointError {
        CheckpointError(.cancelled, path, "reading was given up, because the process leaves", advice: "start it again")
    }

    static func damaged(_ path: String, _ message: String) -> CheckpointError {
        CheckpointError(.damaged, path, message, advice: "use an older checkpoint, or remove this one")
    }
}
