/// How far an evaluation is, on standard error: a living line on a terminal, else a line now and then.
struct EvaluationProgress {
    private let terminal: Terminal
    private var living: LivingText
    private let start: ContinuousClock.Instant
    private var nextLine: ContinuousClock.Instant

    /// Where lines cannot be replaced, one comes this often.
    static let interval = Duration.seconds(10)

    init(terminal: Terminal = .errors, now: ContinuousClock.Instant = .now) {
        self.terminal = terminal
        self.living = LivingText(terminal)
        self.start = now
        self.nextLine = now + Self.interval
    }

    /// - Parameter note: What else there is to say, such as a rate.
    mutating func show(done: Int, of total: Int, _ note: String, now: ContinuousClock.Instant = .now) {
        var text = "\(done) of \(total) problems\(note.isEmpty ? "" : ", \(note)")"
        if done > 0, done < total {
            let seconds = self.start.duration(to: now) / .seconds(1)
            let left = seconds / Double(done) * Double(total - done)
            text += ", \(StatusTable.duration(UInt64(left) * 1000)) left"
        }
        if self.terminal.width != nil {
            self.living.show([String(text.prefix(100))])
        } else if now >= self.nextLine {
            self.nextLine = now + Self.interval
            self.terminal.show(text)
        }
    }

    mutating func finish() { self.living.erase() }
}
