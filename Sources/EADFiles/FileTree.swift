import Glibc

/// The names in the file system: directories made and listed, files renamed and removed.
package enum FileTree {
    /// The part of a path before its last name; `.` when there is none.
    package static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The part of a path behind its last slash.
    package static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// Whether there is something under that name, be it a link to nothing.
    package static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// What tells the file of that name from another that has the name later; nil without one.
    package static func fileNumber(_ path: String) -> UInt64? {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    /// Makes a directory and those above it; one that is there stays as it is.
    ///
    /// - Parameter access: Of the directory itself; those above it are as the umask has them.
    package static func createDirectory(_ path: String, access: FileAccess) throws(FileError) {
        if path.count > 1, path.hasSuffix("/") {
            return try Self.createDirectory(String(path.dropLast()), access: access)
        }
        if Self.isDirectory(path) { return }
        let parent = Self.directory(of: path)
        if !Self.isDirectory(parent) { try Self.createDirectory(parent, access: .everyone) }
        do {
            try SystemCall.perform(.create, on: path) { _ in Int(mkdir(path, access.directoryMode)) }
        } catch {
            // Another process may have made it in between.
            guard error.systemError == EEXIST, Self.isDirectory(path) else { throw error }
        }
        try Self.flushNames(in: parent)
    }

    /// Makes a directory that must not exist, inside one that does.
    package static func createNewDirectory(_ path: String, access: FileAccess) throws(FileError) {
        try SystemCall.perform(.create, on: path) { _ in Int(mkdir(path, access.directoryMode)) }
    }

    package static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a directory, in order.
    package static func names(in path: String) throws(FileError) -> [String] {
        var opened: OpaquePointer?
        try SystemCall.perform(.list, on: path) { _ in
            opened = opendir(path)
            return opened == nil ? -1 : 0
        }
        guard let stream = opened else { preconditionFailure("the call succeeded") }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { buffer in
                String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw FileError(.list, path, .system(errno)) }
        return names.sorted()
    }

    /// Makes the names in a directory durable.
    package static func flushNames(in path: String) throws(FileError) {
        try OpenFile(path, for: .directory).flushAll()
    }

    /// Gives a file or directory another name, in place of a file that had it.
    package static func rename(_ path: String, to other: String) throws(FileError) {
        try SystemCall.perform(.rename, on: path) { _ in Int(Glibc.rename(path, other)) }
    }

    /// Cuts off what follows the first `length` bytes of a file.
    package static func truncate(_ path: String, to length: Int) throws(FileError) {
        try SystemCall.perform(.truncate, on: path) { _ in Int(Glibc.truncate(path, off_t(length))) }
    }

    package static func deleteFile(_ path: String) throws(FileError) {
        try SystemCall.perform(.delete, on: path) { _ in Int(unlink(path)) }
    }

    /// Deletes a file, or a directory with what is in it; links are deleted, not followed.
    package static func delete(_ path: String) throws(FileError) {
        var status = stat()
        try SystemCall.perform(.examine, on: path) { _ in Int(lstat(path, &status)) }
        guard status.st_mode & S_IFMT == S_IFDIR else { return try Self.deleteFile(path) }
        for name in try Self.names(in: path) { try Self.delete(path + "/" + name) }
        try SystemCall.perform(.delete, on: path) { _ in Int(rmdir(path)) }
    }

    /// Bytes that this user can still write where `path` is.
    package static func freeBytes(at path: String) throws(FileError) -> Int {
        var status = statvfs()
        try SystemCall.perform(.examine, on: path) { _ in Int(statvfs(path, &status)) }
        return Int(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }
}
