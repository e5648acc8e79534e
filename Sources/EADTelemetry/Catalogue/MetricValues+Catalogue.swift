package import EADCore

extension MetricValues {
    package subscript(_ metric: KeyPath<MetricCatalogue, Metric>) -> Double? {
        get { self[MetricCatalogue.shared[keyPath: metric].key] }
        set { self[MetricCatalogue.shared[keyPath: metric].key] = newValue }
    }

    package subscript(_ metric: KeyPath<MetricCatalogue, IndexedMetric>, _ number: Int) -> Double? {
        get { self[MetricCatalogue.shared[keyPath: metric][number].key] }
        set { self[MetricCatalogue.shared[keyPath: metric][number].key] = newValue }
    }

    /// The numbers for which an indexed figure is there.
    package func numbers(of metric: KeyPath<MetricCatalogue, IndexedMetric>) -> [Int] {
        let metric = MetricCatalogue.shared[keyPath: metric]
        return self.keys.compactMap(metric.number).sorted()
    }

    /// The 95 % interval of a figure; nil where none is given.
    package func interval(of metric: Metric) -> ClosedRange<Double>? {
        guard let low = self[metric.lowKey], let high = self[metric.highKey], low <= high else { return nil }
        return low...high
    }
}

extension MetricCounters {
    package subscript(_ metric: KeyPath<MetricCatalogue, Metric>) -> UInt64 {
        get { self[MetricCatalogue.shared[keyPath: metric].key] }
        set { self[MetricCatalogue.shared[keyPath: metric].key] = newValue }
    }
}
