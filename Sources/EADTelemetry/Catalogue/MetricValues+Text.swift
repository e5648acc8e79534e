package import EADCore

extension Double {
    /// With a fixed count of decimals.
    package func text(decimals: Int) -> String {
        guard self.isFinite, abs(self) < 1e15 else { return "\(self)" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int((abs(self) * scale).rounded())
        let whole = scaled / Int(scale)
        let sign = self < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(whole)" }
        let fraction = String(scaled % Int(scale))
        return "\(sign)\(whole)." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }
}

extension MetricValues {
    /// The figures of a step that lines of progress show, in a line: `reward 0.250, pass@k 0.500`.
    package var progress: String {
        MetricCatalogue.all.compactMap { metric in
            guard let column = metric.column, let value = self[metric.key] else { return nil }
            return "\(column.title) \(value.text(decimals: column.decimals))"
        }.joined(separator: ", ")
    }

    /// The figures of an evaluation in a line.
    package func summary(ofPolicy version: PolicyVersion, problems: UInt32, samples: UInt32) -> String {
        let metrics = MetricCatalogue.metrics(in: .evaluation, numbers: [Int(samples)]).filter(\.hasInterval)
        let figures = metrics.compactMap { metric in
            self[metric.key].map { "\(metric.title ?? metric.key.name) \(($0 * 100).text(decimals: 1)) %" }
        }
        return "held-out, policy \(version): \(figures.joined(separator: ", ")) of \(problems) problems"
    }
}
