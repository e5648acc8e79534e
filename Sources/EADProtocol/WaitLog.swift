/// What this process waits for, and since when: the `waitingFor` of its heartbeats and of every timeout's message.
public struct WaitLog: Sendable {
    public struct Wait: Hashable, Sendable {
        /// Whom or what, for a person: `welcome from controller`.
        public let what: String
        public let since: ContinuousClock.Instant

        public func elapsed(now: ContinuousClock.Instant) -> Duration { max(.zero, self.since.duration(to: now)) }
    }

    private var waits: [String: Wait] = [:]

    public init() {}

    /// A wait begins; one for the same thing that already runs goes on as it is.
    public mutating func begin(_ what: String, now: ContinuousClock.Instant) {
        guard self.waits[what] == nil else { return }
        self.waits[what] = Wait(what: what, since: now)
    }

    public mutating func end(_ what: String) { self.waits[what] = nil }

    /// The wait that has lasted longest; nil when the process waits for nothing.
    public var current: Wait? { self.waits.values.min { ($0.since, $0.what) < ($1.since, $1.what) } }

}
