package import EADCore

/// What is read off a process and its engine rather than decided: the moving figures of a heartbeat.
package struct Gauges: Hashable, Sendable {
    /// Grows whenever the engine gets anything done.
    package var progress: UInt64
    /// Tokens sampled or trained since the process started.
    package var tokens: UInt64
    /// Resident memory in bytes.
    package var residentBytes: UInt64
    /// What is counted outside of the state, such as what the transport turned away.
    package var counters: MetricCounters
    /// What the environment complained of last; empty when it never did.
    package var complaint: String
    /// Passes in which a worker's engine drew tokens, and how long they took.
    package var passes: UInt64
    package var passMilliseconds: UInt64

    package init(
        progress: UInt64 = 0, tokens: UInt64 = 0, residentBytes: UInt64 = 0, counters: MetricCounters = [:],
        complaint: String = "", passes: UInt64 = 0, passMilliseconds: UInt64 = 0
    ) {
        self.progress = progress
        self.tokens = tokens
        self.residentBytes = residentBytes
        self.counters = counters
        self.complaint = complaint
        self.passes = passes
        self.passMilliseconds = passMilliseconds
    }
}
