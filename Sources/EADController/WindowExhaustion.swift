/// How long workers had room for a group while every group of the open steps was given out.
struct WindowExhaustion: Sendable {
    private var isExhausted = false
    private var exhausted = Duration.zero
    private var changed: ContinuousClock.Instant
    private var taken: ContinuousClock.Instant

    init(now: ContinuousClock.Instant) {
        self.changed = now
        self.taken = now
    }

    /// From here on the window is exhausted, or is not.
    mutating func become(_ isExhausted: Bool, now: ContinuousClock.Instant) {
        if self.isExhausted { self.exhausted += self.changed.duration(to: now) }
        self.isExhausted = isExhausted
        self.changed = now
    }

    /// The share of the time since it was asked for last; nil when no time has passed.
    mutating func takeShare(now: ContinuousClock.Instant) -> Double? {
        self.become(self.isExhausted, now: now)
        defer {
            self.exhausted = .zero
            self.taken = now
        }
        guard self.taken < now else { return nil }
        return self.exhausted / self.taken.duration(to: now)
    }
}
