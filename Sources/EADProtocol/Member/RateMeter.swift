/// How fast a counter grows, for heartbeats.
package struct RateMeter: Sendable {
    private var last: (tokens: UInt64, at: ContinuousClock.Instant)?
    /// Tokens per second between the last two counts that were at least half a second apart.
    package private(set) var tokensPerSecond: Float = 0

    package init() {}

    /// Takes the tokens counted so far.
    package mutating func count(_ tokens: UInt64, now: ContinuousClock.Instant) {
        guard let last = self.last else {
            self.last = (tokens, now)
            return
        }
        let seconds = (now - last.at) / .seconds(1)
        guard seconds >= 0.5 else { return }
        self.tokensPerSecond = Float(Double(tokens - min(tokens, last.tokens)) / seconds)
        self.last = (tokens, now)
    }
}
