import EADCore
import EADMessages
import EADTelemetry

/// How a figure of steps went, in a few characters.
struct Trend: Sendable {
    private let name: String
    private let key: MetricKey
    private let decimals: Int
    private var values: [(step: GlobalStep, value: Double?)] = []

    private static let bars = Array("▁▂▃▄▅▆▇█")
    /// A trend is drawn in no fewer characters, and needs no more.
    private static let widths = 8...40

    init(_ name: String, _ metric: Metric, decimals: Int) {
        self.name = name
        self.key = metric.key
        self.decimals = decimals
    }

    mutating func add(_ report: StepReport) { self.values.append((report.step, report.metrics[self.key])) }

    /// Forgets the steps that are trained again.
    mutating func forget(from step: GlobalStep) { self.values.removeAll { $0.step >= step } }

    /// Trends side by side where there is room, else one below the other; none without two values.
    static func lines(_ trends: [Trend], width: Int) -> [String] {
        let drawn = trends.filter { $0.values.count { $0.value != nil } > 1 }
        guard !drawn.isEmpty else { return [] }
        let gap = 3
        let share = (width - gap * (drawn.count - 1)) / drawn.count
        let beside = drawn.compactMap { $0.text(width: share) }
        if beside.count == drawn.count { return [beside.joined(separator: String(repeating: " ", count: gap))] }
        return drawn.compactMap { $0.text(width: width) }
    }

    /// `reward ▁▂▄▇ 0.125 to 0.500`; nil where there is no room for it.
    func text(width: Int) -> String? {
        let values = self.values.map(\.value)
        guard let first = values.lazy.compactMap({ $0 }).first, let last = values.last(where: { $0 != nil }) ?? nil
        else { return nil }
        let numbers =
            "\(first.text(decimals: self.decimals)) to \(last.text(decimals: self.decimals))"
        let room = width - self.name.count - numbers.count - 2
        guard room >= Self.widths.lowerBound else { return nil }
        let line = Self.line(values, width: min(room, Self.widths.upperBound))
        return "\(self.name) \(line) \(numbers)"
    }

    /// A bar per value, or per mean of neighbours where they are more than `width`; a blank for what was not measured.
    static func line(_ values: [Double?], width: Int) -> String {
        let count = min(width, values.count)
        let means = (0..<count).map { place -> Double? in
            let part = values[(place * values.count / count)..<((place + 1) * values.count / count)]
            let measured = part.compactMap { $0 }.filter(\.isFinite)
            return measured.isEmpty ? nil : measured.reduce(0, +) / Double(measured.count)
        }
        guard let low = means.compactMap({ $0 }).min(), let high = means.compactMap({ $0 }).max() else {
            return String(repeating: " ", count: count)
        }
        return String(
            means.map { mean in
                guard let mean else { return " " }
                let height = high > low ? (mean - low) / (high - low) : 0.5
                return Self.bars[min(Self.bars.count - 1, Int(height * Double(Self.bars.count)))]
            })
    }
}
