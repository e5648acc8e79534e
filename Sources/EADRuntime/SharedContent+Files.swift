import Crypto
import EADCore
package import EADFiles
package import EADMessages

/// What is local by path is equal by contents: made where a file is read, compared by the controller when a node joins.
extension SharedContent {
    /// The hash of what `feed` gives, in its order.
    package init(_ name: String, _ feed: ((UnsafeRawBufferPointer) -> Void) -> Void) {
        var hash = SHA256()
        feed { hash.update(bufferPointer: $0) }
        self.init(name: name, hash: Array(hash.finalize()))
    }

    /// The program that scores and the files among its arguments; nil when none of the words is a file.
    ///
    /// Programs that are found by `PATH` belong to the host.
    /// - Throws: `FileError` when one cannot be read.
    package static func program(_ command: [String]) throws(FileError) -> SharedContent? {
        let files = command.filter { $0.contains("/") && FileTree.exists($0) && !FileTree.isDirectory($0) }
        guard !files.isEmpty else { return nil }
        var contents: [[UInt8]] = []
        for file in files { contents.append(try FileContents.read(file)) }
        return SharedContent("verifier") { update in
            for bytes in contents {
                withUnsafeBytes(of: bytes.count.littleEndian, update)
                bytes.withUnsafeBytes(update)
            }
        }
    }
}
