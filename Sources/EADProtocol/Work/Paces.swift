package import EADCore
package import EADMessages

/// How fast each worker samples, from what its heartbeats count; of one that has nothing to do, what it showed before.
///
/// An engine that draws more samples at once draws more tokens in all, and fewer of each sample. So one worker counts as
/// slower than another only if it is by both measures: then its load cannot be the reason.
package struct Paces: Sendable {
    /// A pace is measured over at least so many milliseconds of passes.
    private static var interval: UInt64 { 1000 }
    /// Paces in a row that have to be slow: one may be of a moment in which the host was busy with something else.
    private static var patience: Int { 2 }

    private struct Pace: Hashable, Sendable {
        /// Of all samples together.
        var tokensPerSecond: Double
        /// Tokens of one sample.
        var passesPerSecond: Double

        func isAtMostHalf(of other: Pace) -> Bool {
            2 * self.tokensPerSecond <= other.tokensPerSecond && 2 * self.passesPerSecond <= other.passesPerSecond
        }
    }

    private struct Count: Hashable, Sendable {
        var tokens: UInt64
        var passes: UInt64
        var milliseconds: UInt64

        init(_ heartbeat: Heartbeat) {
            self.tokens = heartbeat.tokens
            self.passes = heartbeat.passes
            self.milliseconds = heartbeat.passMilliseconds
        }
    }

    private struct Record: Sendable {
        /// What was counted when the last pace began to be measured.
        var count: Count
        /// The last ones, the newest last.
        var last: [Pace] = []
        /// The newest of about the same load, by the binary digits of the samples drawn at once.
        var byLoad: [Int: Pace] = [:]

        /// Whether the last ones are at most half of something that `other` showed.
        func isAtMostHalf(of other: Record) -> Bool {
            self.last.count == Paces.patience
                && self.last.allSatisfy { pace in other.byLoad.values.contains { pace.isAtMostHalf(of: $0) } }
        }
    }

    private var records: [NodeID: Record] = [:]
    /// Those that were at most half as fast as somebody when either was measured last.
    private var slow: Set<NodeID> = []

    package init() {}

    /// The workers that are at most half as fast as `node`.
    package func slower(than node: NodeID) -> Set<NodeID> {
        guard !self.slow.isEmpty, let record = self.records[node] else { return [] }
        return self.slow.filter { $0 != node && self.records[$0]?.isAtMostHalf(of: record) ?? false }
    }

    /// A worker says what it has counted since its process started.
    package mutating func heard(_ heartbeat: Heartbeat, of node: NodeID) {
        let count = Count(heartbeat)
        guard var record = self.records[node], record.count.milliseconds <= count.milliseconds,
            record.count.passes <= count.passes, record.count.tokens <= count.tokens
        else {
            self.forget(node)
            self.records[node] = Record(count: count)
            return
        }
        let milliseconds = count.milliseconds - record.count.milliseconds
        let (passes, tokens) = (count.passes - record.count.passes, count.tokens - record.count.tokens)
        guard milliseconds >= Self.interval, passes > 0 else { return }
        let seconds = Double(milliseconds) / 1000
        let pace = Pace(tokensPerSecond: Double(tokens) / seconds, passesPerSecond: Double(passes) / seconds)
        record.count = count
        record.last = record.last.suffix(Self.patience - 1) + [pace]
        let load = tokens / passes
        record.byLoad[UInt64.bitWidth - load.leadingZeroBitCount] = pace
        self.records[node] = record
        self.compare(node, record)
    }

    /// What another process of the name did says nothing about the next.
    package mutating func forget(_ node: NodeID) {
        self.records[node] = nil
        self.slow.remove(node)
    }

    private mutating func compare(_ node: NodeID, _ record: Record) {
        self.slow.remove(node)
        for (other, another) in self.records where other != node {
            if record.isAtMostHalf(of: another) { self.slow.insert(node) }
            if another.isAtMostHalf(of: record) { self.slow.insert(other) }
        }
    }
}
