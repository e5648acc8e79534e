/// What is read off a process and its engine rather than decided: the moving figures of a heartbeat.
package struct Gauges: Hashable, Sendable {
    /// Grows whenever the engine gets anything done.
    package var progress: UInt64
    /// Tokens sampled or trained since the process started.
    package var tokens: UInt64
    /// Resident memory in bytes.
    package var residentBytes: UInt64

    package init(progress: UInt64 = 0, tokens: UInt64 = 0, residentBytes: UInt64 = 0) {
        self.progress = progress
        self.tokens = tokens
        self.residentBytes = residentBytes
    }
}
