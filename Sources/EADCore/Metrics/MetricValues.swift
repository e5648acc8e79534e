/// Figures by key, in the order of their names: what was measured of a step, an evaluation or an event.
package struct MetricValues: Hashable, Sendable {
    private var values: [MetricKey: Double]

    package init() { self.values = [:] }

    /// Of a figure given twice, the last.
    package init(_ values: some Sequence<(MetricKey, Double)>) {
        self.values = Dictionary(values, uniquingKeysWith: { $1 })
    }

    /// Nil where nothing was measured.
    package subscript(_ key: MetricKey) -> Double? {
        get { self.values[key] }
        set { self.values[key] = newValue }
    }

    package var isEmpty: Bool { self.values.isEmpty }
    package var count: Int { self.values.count }
    package var keys: [MetricKey] { self.values.keys.sorted() }

    /// Takes over all of `others`, in the place of what has the same key here.
    package mutating func merge(_ others: MetricValues) { self.values.merge(others.values) { $1 } }

    package func merging(_ others: MetricValues) -> MetricValues {
        var all = self
        all.merge(others)
        return all
    }
}

extension MetricValues: Sequence {
    package func makeIterator() -> [(key: MetricKey, value: Double)].Iterator {
        self.values.sorted { $0.key < $1.key }.makeIterator()
    }
}

extension MetricValues: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (MetricKey, Double)...) { self.init(elements) }
}

/// An object with a member per figure.
extension MetricValues: Codable {
    package init(from decoder: any Decoder) throws {
        let values = try decoder.singleValueContainer().decode([String: Double].self)
        self.init(values.map { (MetricKey(name: $0), $1) })
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Dictionary(uniqueKeysWithValues: self.values.map { ($0.name, $1) }))
    }
}
