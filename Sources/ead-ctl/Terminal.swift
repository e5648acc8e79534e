import Foundation
import Glibc

/// Standard output, unbuffered.
enum Terminal {
    static let isInteractive = isatty(1) == 1

    static func show(_ text: String) { self.write(text + "\n") }

    static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
