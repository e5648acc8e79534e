import Glibc

/// Where values lie along one side of a chart, and the round values that are written there.
struct Axis: Hashable, Sendable {
    /// The values at the two ends, which differ.
    let domain: ClosedRange<Double>
    let ticks: [Double]
    let isLogarithmic: Bool
    private let tickStep: Double

    /// A horizontal axis of whole numbers over exactly this range.
    init(steps range: ClosedRange<Double>, ticks wanted: Int) {
        let upper = max(range.upperBound, range.lowerBound + 1)
        let step = max(1, Self.roundStep((upper - range.lowerBound) / Double(wanted)).rounded(.up))
        self.domain = range.lowerBound...upper
        self.tickStep = step
        self.ticks = Self.multiples(of: step, in: self.domain)
        self.isLogarithmic = false
    }

    /// A vertical axis that ends in round values.
    ///
    /// It starts at zero where the smallest value is less than half the largest, and never shows less than
    /// `minimumSpan`, so that noise does not look like a trend. It is logarithmic where all values are above zero and
    /// the largest is more than 500 times the smallest, unless `bounds` limits what the values can be.
    init(values range: ClosedRange<Double>, bounds: ClosedRange<Double>?, minimumSpan: Double, ticks wanted: Int) {
        if bounds == nil, range.lowerBound > 0, range.upperBound > 500 * range.lowerBound {
            let (low, high) = (log10(range.lowerBound), log10(range.upperBound))
            let every = max(1, ((high - low) / Double(wanted)).rounded())
            self.domain = range
            self.ticks = stride(from: low.rounded(.up), through: high, by: every).map { pow(10, $0) }
            self.isLogarithmic = true
            self.tickStep = 1
            return
        }
        var (low, high) = (range.lowerBound, range.upperBound)
        if low >= 0, low < high / 2 { low = 0 }
        if high <= 0, high > low / 2 { high = 0 }
        let missing = max(minimumSpan, max(abs(low), abs(high)) * 0.05) - (high - low)
        if missing > 0 {
            low -= missing / 2
            high += missing / 2
            // A quantity that is never negative has no room below zero.
            if range.lowerBound >= 0, low < 0 { (low, high) = (0, high - low) }
        }
        if high <= low { high = low + 1 }
        if let bounds {
            if low < bounds.lowerBound { (low, high) = (bounds.lowerBound, high + bounds.lowerBound - low) }
            if high > bounds.upperBound { (low, high) = (low + bounds.upperBound - high, bounds.upperBound) }
            low = max(low, bounds.lowerBound)
        }
        let step = Self.roundStep((high - low) / Double(wanted))
        low = (low / step + 1e-9).rounded(.down) * step
        high = (high / step - 1e-9).rounded(.up) * step
        self.domain = low...high
        self.tickStep = step
        self.ticks = Self.multiples(of: step, in: self.domain)
        self.isLogarithmic = false
    }

    /// 0 at the low end, 1 at the high end.
    func position(of value: Double) -> Double {
        guard self.isLogarithmic else {
            return (value - self.domain.lowerBound) / (self.domain.upperBound - self.domain.lowerBound)
        }
        let (low, high) = (log10(self.domain.lowerBound), log10(self.domain.upperBound))
        return (log10(max(value, self.domain.lowerBound)) - low) / (high - low)
    }

    func label(_ tick: Double) -> String {
        if self.isLogarithmic { return NumberText.short(tick) }
        if self.tickStep < 1e-4 {
            guard abs(tick) > self.tickStep / 2 else { return "0" }
            // Digits down to the step, and one for the half of 2.5.
            let digits = log10(abs(tick)).rounded(.down) - log10(self.tickStep).rounded(.down) + 1
            return NumberText.scientific(tick, decimals: max(1, Int(digits)))
        }
        // Enough to tell 2.5 from 2.
        let decimals = (0...5).first { decimals in
            let scaled = self.tickStep * pow(10, Double(decimals))
            return abs(scaled - scaled.rounded()) < 1e-6 * scaled
        }
        return NumberText.fixed(tick, decimals: decimals ?? 5)
    }

    /// The smallest of 1, 2, 2.5, 5 times a power of ten that is at least `rough`; not 2.5 itself, which reads badly.
    private static func roundStep(_ rough: Double) -> Double {
        let power = pow(10, log10(rough).rounded(.down))
        let factors = power == 1 ? [1, 2, 5] : [1, 2, 2.5, 5]
        for factor in factors where factor * power >= rough * (1 - 1e-9) { return factor * power }
        return 10 * power
    }

    private static func multiples(of step: Double, in range: ClosedRange<Double>) -> [Double] {
        let first = (range.lowerBound / step - 1e-6).rounded(.up)
        let last = (range.upperBound / step + 1e-6).rounded(.down)
        guard first <= last else { return [] }
        return stride(from: first, through: last, by: 1).map { $0 * step }
    }
}
