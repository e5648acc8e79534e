/// A file that grows by whole records; a failed record leaves it as it was.
package struct AppendFile: ~Copyable, Sendable {
    package enum Durability: Hashable, Sendable {
        /// A record survives the death of the process.
        case process
        /// A record also survives the loss of power: `append` returns once it is on disk.
        case disk
    }

    private let file: OpenFile
    private let durability: Durability
    /// Bytes of whole records.
    package private(set) var length: Int
    /// Whether bytes of a failed record may follow them.
    private var isTorn = false

    /// Opens or creates the file.
    ///
    /// - Parameter isExclusive: Takes the file's lock; `FileError.Cause.held` when another process has it.
    package init(
        _ path: String, durability: Durability, access: FileAccess = .everyone, isExclusive: Bool = false
    ) throws(FileError) {
        let file = try OpenFile(path, for: .appending(access))
        if isExclusive, try !file.lock() { throw FileError(.lock, path, .held(by: nil)) }
        if durability == .disk { try FileTree.flushNames(in: FileTree.directory(of: path)) }
        self.length = try file.length()
        self.file = file
        self.durability = durability
    }

    package var path: String { self.file.path }

    /// Writes one record behind the last.
    package mutating func append(_ record: RawSpan) throws(FileError) {
        if self.isTorn { try self.cut(to: self.length) }
        do throws(FileError) {
            try self.file.write(record)
            if self.durability == .disk { try self.file.flush() }
        } catch {
            self.isTorn = true
            // If this fails too, the next record is preceded by another try.
            try? self.cut(to: self.length)
            throw error
        }
        self.length += record.byteCount
    }

    /// Cuts off what follows the first `length` bytes.
    package mutating func cut(to length: Int) throws(FileError) {
        try self.file.truncate(to: length)
        self.length = length
        self.isTorn = false
    }

    /// The bytes of a part of the file that exists.
    package func read(_ range: Range<Int>) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var result: Result<Int, FileError> = .success(0)
        bytes.withUnsafeMutableBytes { buffer in
            do throws(FileError) {
                result = .success(try self.file.read(into: buffer, at: range.lowerBound))
            } catch {
                result = .failure(error)
            }
        }
        guard try result.get() == range.count else {
            throw FileError(.read, self.path, .malformed(line: nil, "it is shorter than it was"))
        }
        return bytes
    }
}
