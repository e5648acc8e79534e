import Glibc

/// Writes whole files that survive a crash and the loss of power.
package enum DurableFile {
    private static let temporarySuffix = ".tmp"

    /// Replaces a file so that a crash leaves either the old or the new contents: writes beside it, flushes, renames,
    /// and flushes the directory. One process at a time replaces one path.
    ///
    /// - Throws: `FileError`; the old file is untouched then, except when only the last flush failed.
    package static func replace(_ path: String, with bytes: RawSpan, access: FileAccess = .everyone) throws(FileError) {
        let temporary = path + Self.temporarySuffix
        // A writer that died may have left one. What cannot be removed makes the creation fail, which names it.
        try? FileTree.deleteFile(temporary)
        do throws(FileError) {
            try Self.write(bytes, to: temporary, access)
            try FileTree.rename(temporary, to: path)
        } catch {
            // The first failure is the one to report.
            try? FileTree.deleteFile(temporary)
            throw error
        }
        try FileTree.flushNames(in: FileTree.directory(of: path))
    }

    /// Finds out, before there is anything to write, whether `replace` could write there.
    ///
    /// - Throws: `FileError` that says why not.
    package static func check(_ path: String) throws(FileError) {
        if FileTree.isDirectory(path) { throw FileError(.write, path, .system(EISDIR)) }
        let temporary = path + Self.temporarySuffix
        try? FileTree.deleteFile(temporary)
        _ = try OpenFile(temporary, for: .creating(.everyone))
        try FileTree.deleteFile(temporary)
    }

    /// Writes a file that must not exist.
    ///
    /// - Throws: `FileError`; there is no file then, except when only the last flush failed.
    package static func create(_ path: String, with bytes: RawSpan, access: FileAccess) throws(FileError) {
        try Self.write(bytes, to: path, access)
        try FileTree.flushNames(in: FileTree.directory(of: path))
    }

    private static func write(_ bytes: RawSpan, to path: String, _ access: FileAccess) throws(FileError) {
        let file = try OpenFile(path, for: .creating(access))
        do throws(FileError) {
            try file.write(bytes)
            try file.flushAll()
        } catch {
            try? FileTree.deleteFile(path)
            throw error
        }
    }
}
