import Synchronization

/// Failures that tests put in the place of system calls; in a process that runs no test there are none.
package enum FileFaults {
    /// What happens instead of the call.
    package enum Fault: Hashable, Sendable {
        /// It fails with this `errno` value; EINTR is an interruption.
        case failure(Int32)
        /// It reads or writes at most so many bytes.
        case short(Int)
    }

    /// Decides what happens to a call; nil lets it go to the system.
    package typealias Choice = @Sendable (FileError.Operation, _ path: String) -> Fault?

    private static let installed = Mutex<[(root: String, choice: Choice)]>([])

    /// Lets `choice` decide about every call on paths that begin with `root`, whichever thread makes it, while `body`
    /// runs.
    package static func with<Value>(
        under root: String, _ choice: @escaping Choice, _ body: () throws -> Value
    ) rethrows -> Value {
        Self.installed.withLock { $0.append((root, choice)) }
        // Tests have roots of their own, so that the last one of a root is the one added here.
        defer {
            Self.installed.withLock { all in
                if let index = all.lastIndex(where: { $0.root == root }) { all.remove(at: index) }
            }
        }
        return try body()
    }

    static func fault(_ operation: FileError.Operation, _ path: String) -> Fault? {
        let choice = Self.installed.withLock { $0.last { path.hasPrefix($0.root) }?.choice }
        return choice?(operation, path)
    }
}
