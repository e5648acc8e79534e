import Foundation
import Glibc

/// Standard output, unbuffered.
package enum Terminal {
    static let isInteractive = isatty(1) == 1

    package static func show(_ text: String) { self.write(text + "\n") }

    static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
