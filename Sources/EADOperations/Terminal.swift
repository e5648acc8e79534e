import Foundation
import Glibc

/// Where text for a person goes.
package struct Terminal: Sendable {
    /// What fits on a screen, in characters.
    struct Size: Hashable, Sendable {
        var columns: Int
        var rows: Int
    }

    /// Its size at this moment, where a line can be erased and written again; nil for a file or a pipe.
    private let measure: @Sendable () -> Size?
    private let write: @Sendable (String) -> Void

    init(size: @escaping @Sendable () -> Size?, write: @escaping @Sendable (String) -> Void) {
        self.measure = size
        self.write = write
    }

    /// Standard output, unbuffered.
    package static let standard = Terminal(size: { Self.size(of: 1) }) {
        FileHandle.standardOutput.write(Data($0.utf8))
    }

    /// Standard error.
    package static let errors = Terminal(size: { Self.size(of: 2) }) {
        FileHandle.standardError.write(Data($0.utf8))
    }

    private static func size(of descriptor: Int32) -> Size? {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        // A terminal that does not know its size, as over a serial line, has the usual one.
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return Size(columns: 80, rows: 24)
        }
        return Size(columns: Int(size.ws_col), rows: size.ws_row > 0 ? Int(size.ws_row) : 24)
    }

    /// Nil where nothing is a screen.
    var size: Size? { self.measure() }

    /// Characters of a line; nil where there is no limit.
    package var width: Int? { self.size?.columns }

    package func show(_ text: String) { self.write(text + "\n") }

    /// Writes without ending the line.
    func put(_ text: String) { self.write(text) }
}
