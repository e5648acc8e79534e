import EADFiles

extension CurveKeyPair {
    private static let heading = "# CURVE key pair of one EAD node. Keep it secret; give others the public line only."

    /// A key file is a heading and two short lines.
    private static let longestFile = 4096

    /// Reads a key file that `write(to:)` made.
    ///
    /// - Throws: `keyFile` when it cannot be read, is open to other users (any permission beyond 0600), or is damaged.
    package init(contentsOf path: String) throws(TransportError) {
        let bytes: [UInt8]
        do throws(FileError) {
            let file = try OpenFile(path, for: .reading)
            let permissions = try file.permissions()
            guard permissions & 0o077 == 0 else {
                let mode = String(permissions, radix: 8)
                throw FileError(
                    .read, path, .malformed(line: nil, "has mode 0\(mode), others can read it: chmod 600 \(path)"))
            }
            bytes = try FileContents.read(file, limit: Self.longestFile)
        } catch {
            throw TransportError(keyFile: error)
        }
        let fields = String(decoding: bytes, as: UTF8.self)
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
        let lines = [Self.heading, "public \(self.publicKey.z85)", "secret \(Z85.encode(self.secret))", ""]
        do throws(FileError) {
            try DurableFile.create(path, with: Array(lines.joined(separator: "\n").utf8).span.bytes, access: .owner)
        } catch {
            throw TransportError(keyFile: error)
        }
    }
}

extension TransportError {
    fileprivate init(keyFile error: FileError) {
        self.init(.keyFile, error.description, systemError: error.systemError)
    }
}
