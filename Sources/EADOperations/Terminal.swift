import Foundation
import Glibc

/// Where text for a person goes.
package struct Terminal: Sendable {
    /// Characters of a line at this moment, where a line can be erased and written again; nil for a file or a pipe.
    private let columns: @Sendable () -> Int?
    private let write: @Sendable (String) -> Void

    init(columns: @escaping @Sendable () -> Int?, write: @escaping @Sendable (String) -> Void) {
        self.columns = columns
        self.write = write
    }

    /// Standard output, unbuffered.
    package static let standard = Terminal(columns: { Self.columns(of: 1) }) {
        FileHandle.standardOutput.write(Data($0.utf8))
    }

    /// Standard error.
    static let errors = Terminal(columns: { Self.columns(of: 2) }) {
        FileHandle.standardError.write(Data($0.utf8))
    }

    private static func columns(of descriptor: Int32) -> Int? {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        // A terminal that does not know its width, as over a serial line, has the usual one.
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Characters of a line; nil where there is no limit.
    package var width: Int? { self.columns() }

    package func show(_ text: String) { self.write(text + "\n") }

    /// Writes a line that the next text replaces; nothing where that is impossible.
    ///
    /// It is shorter than the terminal is wide: of a line that goes on in the next row only that row could be erased.
    func showLive(_ text: String) {
        if let width = self.width { self.write("\r\u{1B}[K\(text.cut(to: width - 1))") }
    }

    /// Erases the living line.
    func eraseLive() {
        if self.width != nil { self.write("\r\u{1B}[K") }
    }
}
