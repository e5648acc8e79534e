package import EADCore

/// When silence and standstill are taken for death and for a hang.
package struct LivenessConfiguration: Hashable, Sendable {
    /// How often each node reports.
    package var heartbeatInterval: Duration
    /// A node not heard from for longer is dead; several heartbeat intervals.
    package var deadAfter: Duration
    /// A busy node whose progress counter stands still for longer is stalled.
    package var stalledAfter: Duration
    /// A node that has looked for the controller for so long gives up.
    package var lostAfter: Duration

    package init(
        heartbeatInterval: Duration = .seconds(1), deadAfter: Duration = .seconds(5),
        stalledAfter: Duration = .seconds(60), lostAfter: Duration = .seconds(3600)
    ) {
        self.heartbeatInterval = heartbeatInterval
        self.deadAfter = deadAfter
        self.stalledAfter = stalledAfter
        self.lostAfter = lostAfter
    }
}

/// When each node was last heard from, and when its progress counter last moved.
///
/// Heartbeats prove that a process runs; only the counter inside them proves that its engine does.
package struct Liveness: Sendable {
    private struct Record {
        var lastHeard: ContinuousClock.Instant
        /// The counter's last movement, or the last moment without work.
        var lastProgress: ContinuousClock.Instant
        var progress: UInt64?
    }

    package let configuration: LivenessConfiguration
    private var records: [NodeID: Record] = [:]

    package init(_ configuration: LivenessConfiguration = LivenessConfiguration()) {
        self.configuration = configuration
    }

    /// A heartbeat came: `progress` counts what the node got done, `busy` says whether it has anything to do.
    package mutating func heard(_ node: NodeID, progress: UInt64, busy: Bool, now: ContinuousClock.Instant) {
        var record = self.records[node] ?? Record(lastHeard: now, lastProgress: now, progress: progress)
        record.lastHeard = max(record.lastHeard, now)
        if record.progress != progress || !busy { record.lastProgress = max(record.lastProgress, now) }
        record.progress = progress
        self.records[node] = record
    }

    /// Any other message came: the process runs, which says nothing about its progress.
    package mutating func heard(_ node: NodeID, now: ContinuousClock.Instant) {
        var record = self.records[node] ?? Record(lastHeard: now, lastProgress: now, progress: nil)
        record.lastHeard = max(record.lastHeard, now)
        self.records[node] = record
    }

    /// Drops what is known of a node: it left, or another process took its name.
    package mutating func forget(_ node: NodeID) { self.records[node] = nil }

    package func health(of node: NodeID, now: ContinuousClock.Instant) -> Health {
        guard let record = self.records[node] else { return .absent }
        if record.lastHeard.duration(to: now) > self.configuration.deadAfter { return .dead }
        if record.lastProgress.duration(to: now) > self.configuration.stalledAfter { return .stalled }
        return .alive
    }

    /// How long nothing was heard from the node; nil when it was never heard.
    package func silence(of node: NodeID, now: ContinuousClock.Instant) -> Duration? {
        self.records[node].map { max(.zero, $0.lastHeard.duration(to: now)) }
    }
}
