/// Counts by key, in the order of their names: what has happened in a process since it started.
///
/// What has not happened is not in it.
package struct MetricCounters: Hashable, Sendable {
    private var counts: [MetricKey: UInt64]

    package init() { self.counts = [:] }

    /// Of a count given twice, the last.
    package init(_ counts: some Sequence<(MetricKey, UInt64)>) {
        self.counts = Dictionary(counts, uniquingKeysWith: { $1 }).filter { $0.value > 0 }
    }

    package subscript(_ key: MetricKey) -> UInt64 {
        get { self.counts[key] ?? 0 }
        set { self.counts[key] = newValue > 0 ? newValue : nil }
    }

    package var isEmpty: Bool { self.counts.isEmpty }
    package var count: Int { self.counts.count }

    /// What both have counted.
    package static func + (lhs: MetricCounters, rhs: MetricCounters) -> MetricCounters {
        MetricCounters(lhs.counts.merging(rhs.counts, uniquingKeysWith: +).lazy.map { ($0.key, $0.value) })
    }
}

extension MetricCounters: Sequence {
    package func makeIterator() -> [(key: MetricKey, value: UInt64)].Iterator {
        self.counts.sorted { $0.key < $1.key }.makeIterator()
    }
}

extension MetricCounters: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (MetricKey, UInt64)...) { self.init(elements) }
}

/// An object with a member per count.
extension MetricCounters: Codable {
    package init(from decoder: any Decoder) throws {
        let counts = try decoder.singleValueContainer().decode([String: UInt64].self)
        self.init(counts.map { (MetricKey(name: $0), $1) })
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Dictionary(uniqueKeysWithValues: self.counts.map { ($0.name, $1) }))
    }
}
