import Glibc

extension CurveKeyPair {
    private static let heading = "# CURVE key pair of one EAD node. Keep it secret; give others the public line only."

    /// Reads a key file that `write(to:)` made.
    ///
    /// - Throws: `keyFile` when it cannot be read, is open to other users (any permission beyond 0600), or is damaged.
    package init(contentsOf path: String) throws(TransportError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.fileError("open", path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.fileError("stat", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw TransportError(.keyFile, "\(path) is not a regular file")
        }
        guard status.st_mode & 0o077 == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw TransportError(.keyFile, "\(path) has mode 0\(mode), others can read it: chmod 600 \(path)")
        }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw Self.fileError("read", path) }
        let fields = String(decoding: bytes.prefix(count), as: UTF8.self)
            .split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.split(separator: " ") }
        guard fields.count == 2, fields.allSatisfy({ $0.count == 2 }), fields[0][0] == "public",
            fields[1][0] == "secret"
        else {
            throw TransportError(.keyFile, "\(path) is not a key file: it needs a line 'public KEY' and 'secret KEY'")
        }
        do {
            try self.init(publicZ85: String(fields[0][1]), secretZ85: String(fields[1][1]))
        } catch {
            throw TransportError(.keyFile, "\(path): \(error.message)")
        }
    }

    /// Writes a new file that only its owner can read.
    ///
    /// - Throws: `keyFile` when the file exists or cannot be written.
    package func write(to path: String) throws(TransportError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.fileError("create", path) }
        defer { close(descriptor) }
        let lines = [Self.heading, "public \(self.publicKey.z85)", "secret \(Z85.encode(self.secret))", ""]
        let text = Array(lines.joined(separator: "\n").utf8)
        guard Glibc.write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0 else {
            throw Self.fileError("write", path)
        }
    }

    private static func fileError(_ call: String, _ path: String) -> TransportError {
        TransportError(.keyFile, "cannot \(call) \(path): \(String(cString: strerror(errno)))", systemError: errno)
    }
}
