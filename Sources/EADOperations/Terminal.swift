import Foundation
import Glibc

/// Where text for a person goes.
package struct Terminal: Sendable {
    /// Whether a line can be erased and written again.
    let isInteractive: Bool
    let write: @Sendable (String) -> Void

    /// Standard output, unbuffered.
    package static let standard = Terminal(isInteractive: isatty(1) == 1) {
        FileHandle.standardOutput.write(Data($0.utf8))
    }

    /// Standard error.
    static let errors = Terminal(isInteractive: isatty(2) == 1) {
        FileHandle.standardError.write(Data($0.utf8))
    }

    package func show(_ text: String) { self.write(text + "\n") }

    /// Writes a line that the next text replaces; nothing where that is impossible.
    func showLive(_ text: String) {
        if self.isInteractive { self.write("\r\u{1B}[K\(text)") }
    }

    /// Erases the living line.
    func eraseLive() {
        if self.isInteractive { self.write("\r\u{1B}[K") }
    }
}
