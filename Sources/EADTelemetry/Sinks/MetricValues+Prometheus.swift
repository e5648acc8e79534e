package import EADCore

extension MetricValues {
    /// The figures of a scope as families of Prometheus, those of a number under a label each.
    package func write(_ scope: MetricGroup.Scope, to text: inout PrometheusText) {
        for child in Mirror(reflecting: MetricCatalogue.shared).children {
            switch child.value {
            case let metric as Metric where metric.group.scope == scope:
                let samples = self[metric.key].map { [(labels: [(name: String, value: String)](), value: $0)] } ?? []
                text.add(metric.prometheusName, metric.prometheusKind, metric.meaning, samples)
            case let metric as IndexedMetric where metric.pattern.group.scope == scope:
                let numbers = self.keys.compactMap(metric.number).sorted()
                text.add(
                    metric.prometheusName, .gauge, metric.pattern.meaning,
                    numbers.compactMap { number in
                        self[metric[number].key].map {
                            (labels: [(name: metric.prometheusLabel, value: "\(number)")], value: $0)
                        }
                    })
            default: break
            }
        }
    }
}
