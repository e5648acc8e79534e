import Foundation
import Glibc

/// How far an evaluation is, on standard error: a living line on a terminal, else a line now and then.
struct EvaluationProgress {
    private static let isInteractive = isatty(2) == 1
    private let start = ContinuousClock.now
    private var nextLine = ContinuousClock.now + .seconds(10)

    /// - Parameter note: What else there is to say, such as a rate.
    mutating func show(done: Int, of total: Int, _ note: String) {
        var text = "\(done) of \(total) problems\(note.isEmpty ? "" : ", \(note)")"
        if done > 0, done < total {
            let seconds = self.start.duration(to: .now) / .seconds(1)
            let left = seconds / Double(done) * Double(total - done)
            text += ", \(StatusTable.duration(UInt64(left) * 1000)) left"
        }
        if Self.isInteractive {
            self.write("\r\u{1B}[K\(text.prefix(100))")
        } else if ContinuousClock.now >= self.nextLine {
            self.nextLine = .now + .seconds(10)
            self.write(text + "\n")
        }
    }

    func finish() {
        if Self.isInteractive { self.write("\r\u{1B}[K") }
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
