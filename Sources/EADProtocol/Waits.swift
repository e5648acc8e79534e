/// What a process waits for, and since when.
package struct Waits: Sendable {
    package struct Current: Hashable, Sendable {
        package let what: Wait
        package let since: ContinuousClock.Instant

        package func elapsed(now: ContinuousClock.Instant) -> Duration { max(.zero, self.since.duration(to: now)) }
    }

    /// Nil when it waits for nothing.
    package private(set) var current: Current?

    package init() {}

    /// The process waits for this, or for nothing; a wait for the same that already lasts goes on.
    package mutating func become(_ what: Wait?, now: ContinuousClock.Instant) {
        guard what != self.current?.what else { return }
        self.current = what.map { Current(what: $0, since: now) }
    }
}
