import Glibc

/// The one place where calls on files are made and their failures read.
enum SystemCall {
    /// Makes a call, again for as long as signals interrupt it, and returns what it returned.
    ///
    /// - Parameter call: Gets the largest number of bytes to ask for; below 0 is a failure, with its reason in `errno`.
    @discardableResult
    static func perform(
        _ operation: FileError.Operation, on path: String, _ call: (_ limit: Int) -> Int
    ) throws(FileError) -> Int {
        while true {
            let result: Int
            switch FileFaults.fault(operation, path) {
            case nil: result = call(.max)
            case .short(let limit): result = call(limit)
            case .failure(let code):
                errno = code
                result = -1
            }
            if result >= 0 { return result }
            let code = errno
            guard code == EINTR else { throw FileError(operation, path, .system(code)) }
        }
    }
}
