package import EADCore

/// One line of the catalogue: what a figure is called, what it means, and how it is shown.
package struct Metric: Hashable, Sendable {
    package let key: MetricKey
    /// Where it belongs: the record that holds it, and its place in documentation and charts.
    package let group: MetricGroup
    package let unit: MetricUnit
    /// Who measures it, the group's producers where nothing else is said.
    package let producers: [Role]
    /// Whether it only grows while its producer lives.
    package let isCounter: Bool
    /// Its definition, for people; a sentence without its first capital and its full stop.
    package let meaning: String
    /// Its column in the lines that show a run's progress; nil for none.
    package let column: MetricColumn?
    /// Its panel in a report; nil for none.
    package let panel: MetricPanel?
    /// Its name in tables for people; nil for none but the key.
    package let title: String?
    /// Whether the 95 % interval is given with it, as `NAME_low` and `NAME_high`.
    package let hasInterval: Bool

    init(
        _ name: String, _ group: MetricGroup, _ unit: MetricUnit, by producers: [Role]? = nil, isCounter: Bool? = nil,
        column: MetricColumn? = nil, panel: MetricPanel? = nil, title: String? = nil, hasInterval: Bool = false,
        _ meaning: String
    ) {
        self.key = MetricKey(name: name)
        self.group = group
        self.unit = unit
        self.producers = producers ?? group.producers
        self.isCounter = isCounter ?? (group.scope == .process)
        self.meaning = meaning
        self.column = column
        self.panel = panel
        self.title = title
        self.hasInterval = hasInterval
    }

    package var lowKey: MetricKey { MetricKey(name: self.key.name + "_low") }
    package var highKey: MetricKey { MetricKey(name: self.key.name + "_high") }
}

/// A line of the catalogue that stands for a figure per whole number, such as `pass_at_1`, `pass_at_2` and so on.
package struct IndexedMetric: Hashable, Sendable {
    /// What the number is called in documentation.
    package let index: String
    /// The figure with `index` in the place of the number.
    package let pattern: Metric
    private let prefix: String

    init(
        _ prefix: String, _ index: String, _ group: MetricGroup, _ unit: MetricUnit, title: String? = nil,
        hasInterval: Bool = false, _ meaning: String
    ) {
        self.index = index
        self.prefix = prefix
        self.pattern = Metric(
            prefix + index, group, unit, title: title.map { $0 + index }, hasInterval: hasInterval, meaning)
    }

    /// The figure of one number.
    package subscript(_ number: Int) -> Metric {
        let suffix = "\(number)"
        return Metric(
            self.prefix + suffix, self.pattern.group, self.pattern.unit, by: self.pattern.producers,
            title: self.pattern.title.map { $0.dropLast(self.index.count) + suffix },
            hasInterval: self.pattern.hasInterval, self.pattern.meaning)
    }

    /// The number in a figure's name, such as 8 in `pass_at_8`; nil when it is another figure.
    package func number(in key: MetricKey) -> Int? {
        guard key.name.hasPrefix(self.prefix) else { return nil }
        let digits = key.name.dropFirst(self.prefix.count)
        return digits.allSatisfy { ("0"..."9").contains($0) } ? Int(digits) : nil
    }
}
