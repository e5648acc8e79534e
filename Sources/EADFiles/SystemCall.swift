import Glibc

/// The one place where calls on files are made and their failures read.
enum SystemCall {
    /// Makes a call, again for as long as signals interrupt it or the host is short of what it takes, and returns what it
    /// returned.
    ///
    /// - Parameter call: Gets the largest number of bytes to ask for; below 0 is a failure, with its reason in `errno`.
    @discardableResult
    static func perform(
        _ operation: FileError.Operation, on path: String, _ call: (_ limit: Int) -> Int
    ) throws(FileError) -> Int {
        var result = -1
        let code = Shortage.wait("to \(operation) \(path)") {
            while true {
                switch FileFaults.fault(operation, path) {
                case nil: result = call(.max)
                case .short(let limit): result = call(limit)
                case .failure(let code):
                    errno = code
                    result = -1
                }
                if result >= 0 { return 0 }
                if errno != EINTR { return errno }
            }
        }
        guard code == 0 else { throw FileError(operation, path, .system(code)) }
        return result
    }
}
