/// What this process waits for, and since when: the `waitingFor` of its heartbeats and of every timeout's message.
package struct Waits: Sendable {
    package struct Wait: Hashable, Sendable {
        /// Whom or what, for a person: `welcome from controller`.
        package let what: String
        package let since: ContinuousClock.Instant

        package func elapsed(now: ContinuousClock.Instant) -> Duration { max(.zero, self.since.duration(to: now)) }
    }

    private var waits: [String: Wait] = [:]

    package init() {}

    /// A wait begins; one for the same thing that already runs goes on as it is.
    package mutating func begin(_ what: String, now: ContinuousClock.Instant) {
        guard self.waits[what] == nil else { return }
        self.waits[what] = Wait(what: what, since: now)
    }

    package mutating func end(_ what: String) { self.waits[what] = nil }

    /// The process waits for this alone, or for nothing.
    package mutating func become(_ what: String?, now: ContinuousClock.Instant) {
        self.waits = self.waits.filter { $0.key == what }
        if let what { self.begin(what, now: now) }
    }

    /// The wait that has lasted longest; nil when the process waits for nothing.
    package var current: Wait? { self.waits.values.min { ($0.since, $0.what) < ($1.since, $1.what) } }
}
