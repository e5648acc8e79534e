import EADFiles
import Glibc

/// The bytes of a regular file, mapped read-only for as long as this object lives.
///
/// `@unchecked Sendable`: the mapping is never written and its address never changes; it ends in `deinit`.
final class MappedFile: @unchecked Sendable {
    let path: String
    let bytes: UnsafeRawBufferPointer

    init(path: String) throws(ModelFileError) {
        // O_NONBLOCK: opening a FIFO by mistake must not wait for its writer.
        var descriptor: Int32 = -1
        let failure = Shortage.wait("to open \(path)") {
            descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            return descriptor >= 0 ? 0 : errno
        }
        guard failure == 0 else { throw Self.unreadable(path, failure) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.unreadable(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ModelFileError(.unreadable, file: path, "not a regular file", advice: "name a file")
        }
        guard let size = Int(exactly: status.st_size), size > 0 else {
            throw ModelFileError(.truncated, file: path, offset: 0, "the file is empty", advice: "fetch it again")
        }
        guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
            throw Self.unreadable(path, errno)
        }
        self.path = path
        self.bytes = UnsafeRawBufferPointer(start: address, count: size)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: self.bytes.baseAddress), self.bytes.count) }

    /// Gives memory back that reading a part has filled; the system reads it again when it is wanted again.
    func forget(_ range: Range<Int>) {
        guard let base = self.bytes.baseAddress else { return }
        let page = Int(getpagesize())
        // Pages that the part shares with its neighbours stay.
        let first = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound == self.bytes.count ? range.upperBound : range.upperBound / page * page
        guard first < end else { return }
        // Only advice: without it everything works, in more memory.
        _ = madvise(UnsafeMutableRawPointer(mutating: base + first), end - first, MADV_DONTNEED)
    }

    private static func unreadable(_ path: String, _ code: Int32) -> ModelFileError {
        ModelFileError(
            .unreadable, file: path, String(cString: strerror(code)), advice: "check the path and its permissions")
    }
}
