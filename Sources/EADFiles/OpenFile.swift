import Glibc

/// An open file or directory; it is closed at the end of its life.
///
/// No call ends early because of a signal, and none writes less than it was given. Calls block on the disk.
package struct OpenFile: ~Copyable, Sendable {
    package enum Purpose: Sendable {
        /// Reading a regular file.
        case reading
        /// Writing a file that must not exist.
        case creating(FileAccess)
        /// Writing a file from its start, whatever it holds.
        case overwriting(FileAccess)
        /// Writing behind what the file holds, and reading that.
        case appending(FileAccess)
        /// Making the names in a directory durable.
        case directory
    }

    package let path: String
    private let descriptor: Int32

    /// Opens a file; nothing is ever written through a symbolic link.
    package init(_ path: String, for purpose: Purpose) throws(FileError) {
        let flags: Int32
        var access = FileAccess.owner
        switch purpose {
        // O_NONBLOCK: opening a FIFO by mistake must not wait for its writer.
        case .reading: flags = O_RDONLY | O_NONBLOCK
        case .creating(let wanted):
            flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
            access = wanted
        case .overwriting(let wanted):
            flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW
            access = wanted
        case .appending(let wanted):
            flags = O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW
            access = wanted
        case .directory: flags = O_RDONLY | O_DIRECTORY
        }
        let operation: FileError.Operation = if case .creating = purpose { .create } else { .open }
        let descriptor = Int32(
            try SystemCall.perform(operation, on: path) { _ in Int(open(path, flags | O_CLOEXEC, access.fileMode)) })
        if case .reading = purpose {
            do throws(FileError) { try Self.requireRegular(descriptor, path) } catch {
                close(descriptor)
                throw error
            }
        }
        self.path = path
        self.descriptor = descriptor
    }

    private static func requireRegular(_ descriptor: Int32, _ path: String) throws(FileError) {
        guard try Self.status(descriptor, path).st_mode & S_IFMT == S_IFREG else {
            throw FileError(.read, path, .malformed(line: nil, "not a regular file"))
        }
    }

    deinit {
        // What must not be lost has been flushed; an error here would be told to nobody.
        close(self.descriptor)
    }

    private static func status(_ descriptor: Int32, _ path: String) throws(FileError) -> stat {
        var status = stat()
        try SystemCall.perform(.examine, on: path) { _ in Int(fstat(descriptor, &status)) }
        return status
    }

    private func status() throws(FileError) -> stat { try Self.status(self.descriptor, self.path) }

    /// Bytes in the file.
    package func length() throws(FileError) -> Int { Int(try self.status().st_size) }

    /// The permission bits, such as 0o644.
    package func permissions() throws(FileError) -> UInt32 { try self.status().st_mode & 0o7777 }

    /// Reads what comes next, or at an offset; returns how many bytes, fewer than asked for at the end of the file only.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int? = nil) throws(FileError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = try SystemCall.perform(.read, on: self.path) { limit in
                if let offset {
                    pread(self.descriptor, rest.baseAddress, min(limit, rest.count), off_t(offset + done))
                } else {
                    Glibc.read(self.descriptor, rest.baseAddress, min(limit, rest.count))
                }
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Writes all bytes.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = try SystemCall.perform(.write, on: self.path) { limit in
                Glibc.write(self.descriptor, rest.baseAddress, min(limit, rest.count))
            }
            // The system never takes none of some bytes without an error; waiting for it would be endless.
            guard count > 0 else { throw FileError(.write, self.path, .system(EIO)) }
            done += count
        }
    }

    package func write(_ bytes: RawSpan) throws(FileError) {
        try bytes.withUnsafeBytes { buffer throws(FileError) in try self.write(buffer) }
    }

    /// Returns once contents and length are on disk.
    package func flush() throws(FileError) {
        try SystemCall.perform(.flush, on: self.path) { _ in Int(fdatasync(self.descriptor)) }
    }

    /// Returns once contents, length and everything about the file are on disk; of a directory, its names.
    package func flushAll() throws(FileError) {
        try SystemCall.perform(.flush, on: self.path) { _ in Int(fsync(self.descriptor)) }
    }

    package func truncate(to length: Int) throws(FileError) {
        try SystemCall.perform(.truncate, on: self.path) { _ in Int(ftruncate(self.descriptor, off_t(length))) }
    }

    /// Takes the exclusive lock without waiting; false when another open file has it. Closing the file gives it back.
    package func lock() throws(FileError) -> Bool {
        do {
            try SystemCall.perform(.lock, on: self.path) { _ in Int(flock(self.descriptor, LOCK_EX | LOCK_NB)) }
            return true
        } catch {
            guard error.systemError == EWOULDBLOCK else { throw error }
            return false
        }
    }
}
