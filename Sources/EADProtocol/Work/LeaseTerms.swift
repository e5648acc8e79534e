/// How long leases last, and how often a group is tried.
package struct LeaseTerms: Hashable, Sendable {
    /// How long an accepted lease lasts without being renewed.
    package var duration: Duration
    /// How long an offer waits for its acceptance.
    package var offerTimeout: Duration
    /// Workers that failed one group after which it is poisoned, and the run cannot go on; where there are fewer, so many
    /// failures of all of them.
    package var maximumAttempts: Int

    package init(duration: Duration, offerTimeout: Duration, maximumAttempts: Int) {
        self.duration = duration
        self.offerTimeout = offerTimeout
        self.maximumAttempts = maximumAttempts
    }
}
