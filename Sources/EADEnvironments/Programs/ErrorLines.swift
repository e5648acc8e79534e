/// What a verifier program writes to its standard error, as lines for the log: at most 20 of them in 10 seconds.
struct ErrorLines {
    private var partial: [UInt8] = []
    private var windowEnd: ContinuousClock.Instant?
    private var shown = 0
    private var suppressed = 0

    /// Longer lines are cut.
    static let lineLimit = 1000
    static let linesPerWindow = 20
    static let window = Duration.seconds(10)

    /// Takes the next bytes; returns the lines to be logged.
    mutating func take(_ bytes: some Sequence<UInt8>, now: ContinuousClock.Instant) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                self.finishLine(into: &lines, now)
            } else if self.partial.count < Self.lineLimit {
                self.partial.append(byte)
            }
        }
        return lines
    }

    /// The program has ended: what it began is a line too.
    mutating func finish(now: ContinuousClock.Instant) -> [String] {
        var lines: [String] = []
        if !self.partial.isEmpty { self.finishLine(into: &lines, now) }
        return lines
    }

    private mutating func finishLine(into lines: inout [String], _ now: ContinuousClock.Instant) {
        defer { self.partial = [] }
        if self.windowEnd.map({ now >= $0 }) ?? true {
            if self.suppressed > 0 { lines.append("(\(self.suppressed) more lines were not shown)") }
            self.windowEnd = now + Self.window
            self.shown = 0
            self.suppressed = 0
        }
        if self.shown < Self.linesPerWindow {
            self.shown += 1
            lines.append(String(decoding: self.partial, as: UTF8.self))
        } else {
            self.suppressed += 1
        }
    }
}
