import EADCore

extension Metric {
    /// Its name by Prometheus' conventions: a prefix for its scope, the unit at the end, `_total` for counters.
    package var prometheusName: String { self.prometheusName(self.key.name) }

    fileprivate func prometheusName(_ name: String) -> String {
        let scope =
            switch self.group.scope {
            case .step: "step_"
            case .evaluation: "evaluation_"
            case .event: "event_"
            case .process: ""
            }
        var words = name.split(separator: "_").map { String($0) }
        if words.last == "share" { words.removeLast() }
        let suffix: String? =
            switch self.unit {
            case .number, .flag: nil
            case .share: "ratio"
            case .tokensPerSecond: "per_second"
            case .seconds: "seconds"
            default: self.unit.rawValue
            }
        if let suffix, !words.contains(suffix), !(suffix == "per_second" && words.suffix(2) == ["per", "second"]) {
            words.append(suffix)
        }
        // Counters are of a process; what a step counted anew is none.
        if self.isCounter, self.group.scope == .process { words.append("total") }
        return "ead_" + scope + words.joined(separator: "_")
    }

    package var prometheusKind: PrometheusText.Kind {
        self.isCounter && self.group.scope == .process ? .counter : .gauge
    }
}

extension IndexedMetric {
    /// The name of all of them, which differ in a label.
    package var prometheusName: String {
        self.pattern.prometheusName(String(self.pattern.key.name.dropLast(self.index.count + 1)))
    }

    /// The label that holds the number: `position` or `k`.
    package var prometheusLabel: String { self.index == "P" ? "position" : self.index.lowercased() }
}
