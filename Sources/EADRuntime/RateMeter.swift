import EADCore

/// Measures a process for its heartbeats: how fast tokens come, and what it has waited for since when.
package struct RateMeter: Sendable {
    private var last: (tokens: UInt64, at: ContinuousClock.Instant)?
    private var wait: (what: String, since: ContinuousClock.Instant)?
    /// Tokens per second between the last two notes that were at least half a second apart.
    package private(set) var tokensPerSecond: Float = 0

    package init() {}

    /// Takes the current wait (empty for none) and the tokens counted so far.
    package mutating func note(waiting: String, tokens: UInt64, now: ContinuousClock.Instant) {
        if waiting.isEmpty {
            self.wait = nil
        } else if self.wait?.what != waiting {
            self.wait = (waiting, now)
        }
        guard let last = self.last else {
            self.last = (tokens, now)
            return
        }
        let seconds = (now - last.at) / .seconds(1)
        guard seconds >= 0.5 else { return }
        self.tokensPerSecond = Float(Double(tokens - min(tokens, last.tokens)) / seconds)
        self.last = (tokens, now)
    }

    /// How long the current wait has lasted; 0 without one.
    package func waitedMilliseconds(now: ContinuousClock.Instant) -> UInt64 {
        self.wait.map { ($0.since.duration(to: now)).milliseconds } ?? 0
    }
}
