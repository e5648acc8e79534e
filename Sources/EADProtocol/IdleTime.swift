package import EADCore

/// Which share of its time each node has waited, as far as its heartbeats tell.
///
/// The time between two heartbeats counts as idle when both were sent while waiting, and half of it when one was: the
/// wait began or ended somewhere in between.
package struct IdleTime: Sendable {
    private struct Record {
        var lastHeard: ContinuousClock.Instant
        var isWaiting: Bool
        var idle = Duration.zero
        var total = Duration.zero
    }

    private var records: [NodeID: Record] = [:]

    package init() {}

    /// A heartbeat came that says whether its node waits for anything.
    package mutating func heard(_ node: NodeID, isWaiting: Bool, now: ContinuousClock.Instant) {
        var record = self.records[node] ?? Record(lastHeard: now, isWaiting: isWaiting)
        let passed = max(.zero, record.lastHeard.duration(to: now))
        record.total += passed
        record.idle += passed * [record.isWaiting, isWaiting].count { $0 } / 2
        record.isWaiting = isWaiting
        record.lastHeard = max(record.lastHeard, now)
        self.records[node] = record
    }

    /// Begins to measure anew: what was going on at the last heartbeats has gone on until now.
    ///
    /// - Returns: The mean over those of `nodes` that were measured of their idle share, in [0, 1]; nil when none was.
    package mutating func takeShare(of nodes: some Sequence<NodeID>, now: ContinuousClock.Instant) -> Double? {
        let shares = nodes.compactMap { node -> Double? in
            guard let record = self.records[node] else { return nil }
            let passed = max(.zero, record.lastHeard.duration(to: now))
            self.records[node] = Record(lastHeard: max(record.lastHeard, now), isWaiting: record.isWaiting)
            let total = record.total + passed
            return total > .zero ? (record.idle + (record.isWaiting ? passed : .zero)) / total : nil
        }
        return shares.isEmpty ? nil : shares.reduce(0, +) / Double(shares.count)
    }

    /// Drops what is known of a node: it left, or died.
    package mutating func forget(_ node: NodeID) { self.records[node] = nil }
}
