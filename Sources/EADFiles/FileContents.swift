/// Whole files, read at once.
package enum FileContents {
    private static let pieceSize = 1 << 16

    /// The bytes of a regular file.
    ///
    /// - Parameter limit: A longer file is refused as malformed.
    package static func read(_ path: String, limit: Int = .max) throws(FileError) -> [UInt8] {
        let file = try OpenFile(path, for: .reading)
        return try Self.read(file, limit: limit)
    }

    /// What stands behind the first `offset` bytes at this moment; nothing where the file is shorter.
    package static func read(_ path: String, from offset: Int) throws(FileError) -> [UInt8] {
        let file = try OpenFile(path, for: .reading)
        var bytes = [UInt8](repeating: 0, count: max(0, try file.length() - offset))
        var failure: FileError?
        let count = bytes.withUnsafeMutableBytes { buffer in
            do throws(FileError) { return try file.read(into: buffer, at: offset) } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// The bytes from where a file stands to its end.
    package static func read(_ file: borrowing OpenFile, limit: Int = .max) throws(FileError) -> [UInt8] {
        // One piece more than the length is there to see that it has not grown; in /proc the length is 0.
        var bytes = [UInt8](repeating: 0, count: min(try file.length(), limit) + Self.pieceSize)
        var count = 0
        while true {
            var failure: FileError?
            let read = bytes.withUnsafeMutableBytes { buffer in
                do throws(FileError) {
                    return try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
                } catch {
                    failure = error
                    return 0
                }
            }
            if let failure { throw failure }
            count += read
            guard count <= limit else {
                throw FileError(.read, file.path, .malformed(line: nil, "it is longer than \(limit) bytes"))
            }
            if count < bytes.count { break }
            bytes += [UInt8](repeating: 0, count: bytes.count)
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }
}
