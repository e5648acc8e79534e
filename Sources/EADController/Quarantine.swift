import EADConfiguration
import EADCore

/// Which workers are given nothing for a while, because all they did of late was to fail.
///
/// The pause grows with every failure after it, and after it there is one lease at a time, until one comes to a good end.
struct Quarantine: Sendable {
    /// Failures in a row after which a worker is given nothing for a while.
    static let limit = Fixed.quarantineAfter.value
    /// The first pause; each one after it is twice as long as the one before, up to the longest.
    private static let firstPause = Fixed.quarantine.value
    private static let longestPause = Fixed.longestQuarantine.value

    struct Record: Hashable, Sendable {
        /// Since its last success. What fails while it is kept apart was given out before, and does not count.
        var failures = 0
        var until: ContinuousClock.Instant?
        /// What it said last.
        var reason = ""
        /// A group of it was thrown out: that it delivers says nothing until a step was trained on what it delivered.
        var isDistrusted = false
        /// It has delivered since.
        var hasDelivered = false
    }

    private var records: [NodeID: Record] = [:]

    /// Whether it has just been set apart, which somebody should be told.
    mutating func failed(_ node: NodeID, reason: String, now: ContinuousClock.Instant) -> Bool {
        guard !self.isKeptApart(node, now: now) else { return false }
        self.records[node, default: Record()].failures += 1
        self.records[node]?.reason = reason
        let excess = self.failures(of: node) - Self.limit
        guard excess >= 0 else { return false }
        let pause = min(Self.firstPause * (1 << min(excess, 30)), Self.longestPause)
        self.records[node]?.until = now + pause
        return excess == 0
    }

    /// A group that it had delivered was thrown out.
    mutating func distrust(_ node: NodeID) {
        self.records[node, default: Record()].isDistrusted = true
        self.records[node]?.hasDelivered = false
    }

    /// It delivered what was asked for; of a training group nobody knows yet what it is worth.
    mutating func delivered(_ node: NodeID, forTraining: Bool) {
        guard self.records[node]?.isDistrusted ?? false else { return self.forget(node) }
        if forTraining { self.records[node]?.hasDelivered = true }
    }

    /// A step was trained on whatever was delivered for it.
    mutating func trusted() { self.records = self.records.filter { !($0.value.isDistrusted && $0.value.hasDelivered) } }

    /// Who sent groups that were thrown out, and has not made up for it; in order of name.
    var distrusted: [(node: NodeID, reason: String)] {
        self.records.filter { $0.value.isDistrusted }.map { ($0.key, $0.value.reason) }.sorted { $0.0 < $1.0 }
    }

    /// Whether no worker has failed since its last success.
    var isEmpty: Bool { self.records.isEmpty }

    /// It is as good as any: another process, or one that succeeded.
    mutating func forget(_ node: NodeID) { self.records[node] = nil }

    func isKeptApart(_ node: NodeID, now: ContinuousClock.Instant) -> Bool {
        self.records[node]?.until.map { now < $0 } ?? false
    }

    /// Leases it may hold at a time; nil when there is no limit.
    func limit(of node: NodeID, now: ContinuousClock.Instant) -> Int? {
        if self.isKeptApart(node, now: now) { return 0 }
        return self.failures(of: node) < Self.limit ? nil : 1
    }

    /// Its record while it is set apart or on probation.
    func record(of node: NodeID) -> Record? { self.failures(of: node) < Self.limit ? nil : self.records[node] }

    private func failures(of node: NodeID) -> Int { self.records[node]?.failures ?? 0 }
}
