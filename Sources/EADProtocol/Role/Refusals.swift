/// Messages that could not be read: told to the operator without filling the log, however many there are.
package struct Refusals: Hashable, Sendable {
    static let toldPerWindow = 20
    static let window = Duration.seconds(10)

    private var windowEnd: ContinuousClock.Instant?
    private var told = 0
    private var untold = 0

    package init() {}

    /// Takes the reason of one; returns what to tell of it and of those before it, which may be nothing.
    package mutating func tell(_ reason: String, now: ContinuousClock.Instant) -> [String] {
        var lines: [String] = []
        if self.windowEnd.map({ now >= $0 }) ?? true {
            if self.untold > 0 { lines.append("refused \(self.untold) more messages") }
            self.windowEnd = now + Self.window
            self.told = 0
            self.untold = 0
        }
        guard self.told < Self.toldPerWindow else {
            self.untold += 1
            return lines
        }
        self.told += 1
        return lines + ["refused a message: \(reason)"]
    }
}
