import EADFiles
import Synchronization

/// Counts the calls that faults are asked about.
final class Calls: Sendable {
    private let counts = Mutex<[FileError.Operation: Int]>([:])

    /// How many calls of this kind came before.
    func next(_ operation: FileError.Operation) -> Int {
        self.counts.withLock { counts in
            defer { counts[operation, default: 0] += 1 }
            return counts[operation, default: 0]
        }
    }

    func count(_ operation: FileError.Operation) -> Int { self.counts.withLock { $0[operation] ?? 0 } }
}
