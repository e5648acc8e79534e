package import EADCore

extension MetricCatalogue {
    /// Every line in order; an indexed one with the letter in the place of its number.
    package static let all: [Metric] = Mirror(reflecting: Self.shared).children.map { child in
        switch child.value {
        case let metric as Metric: metric
        case let metric as IndexedMetric: metric.pattern
        default: preconditionFailure("\(child.label ?? "a property") of the catalogue is not a metric")
        }
    }

    private static let indexed = Mirror(reflecting: Self.shared).children.compactMap { $0.value as? IndexedMetric }

    private static let byName = Dictionary(
        uniqueKeysWithValues: Self.all.map { (Place(scope: $0.group.scope, key: $0.key), $0) })

    private struct Place: Hashable {
        var scope: MetricGroup.Scope
        var key: MetricKey
    }

    /// The figures of a scope in order, with an indexed one for each of `numbers`.
    package static func metrics(in scope: MetricGroup.Scope, numbers: [Int]) -> [Metric] {
        Mirror(reflecting: Self.shared).children.flatMap { child -> [Metric] in
            switch child.value {
            case let metric as Metric: [metric]
            case let metric as IndexedMetric: numbers.map { metric[$0] }
            default: []
            }
        }.filter { $0.group.scope == scope }
    }

    /// The line of a figure read from a file or a message; nil when this build does not know it.
    package static func metric(_ key: MetricKey, in scope: MetricGroup.Scope) -> Metric? {
        if let metric = Self.byName[Place(scope: scope, key: key)] { return metric }
        return Self.indexed.lazy.filter { $0.pattern.group.scope == scope }
            .compactMap { metric in metric.number(in: key).map { metric[$0] } }.first
    }
}
