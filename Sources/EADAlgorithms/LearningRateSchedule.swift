/// The learning rate as a function of the step, and of nothing else.
///
/// With s the step, counted from 0, w the steps of warm-up and T the step at which the decay ends:
/// ```
/// rate(s) = peak (s + 1) / w                                  for s < w
/// rate(s) = peak (floor + (1 - floor) f((s - w) / (T - w)))   for w <= s < T
/// rate(s) = peak floor                                        for s >= T
/// ```
/// with f(x) = 1 - x (linear) or (1 + cos(pi x)) / 2 (cosine). A constant schedule stays at its peak after the warm-up.
package struct LearningRateSchedule: Hashable, Sendable {
    package enum Shape: String, Hashable, Sendable, CaseIterable {
        case constant
        case linear
        case cosine
    }

    package var shape: Shape
    /// The highest rate.
    package var peak: Double
    /// w: steps until the rate is at its peak.
    package var warmupSteps: UInt64
    /// T: the first step at the floor; a constant schedule has none.
    package var decaySteps: UInt64
    /// The share of the peak at which the decay ends.
    package var floor: Double

    package init(
        shape: Shape = .constant, peak: Double, warmupSteps: UInt64 = 0, decaySteps: UInt64 = 0, floor: Double = 0
    ) {
        self.shape = shape
        self.peak = peak
        self.warmupSteps = warmupSteps
        self.decaySteps = decaySteps
        self.floor = floor
    }

    package func rate(at step: UInt64) -> Double {
        guard step >= self.warmupSteps else { return self.peak * (Double(step + 1) / Double(self.warmupSteps)) }
        guard self.shape != .constant else { return self.peak }
        guard step < self.decaySteps else { return self.peak * self.floor }
        let done = Double(step - self.warmupSteps) / Double(self.decaySteps - self.warmupSteps)
        let left = self.shape == .linear ? 1 - done : (1 + Self.cosine(ofHalfTurns: done)) / 2
        return self.peak * (self.floor + (1 - self.floor) * left)
    }

    /// cos(pi x) for x in 0...1, by additions and multiplications only: the same on every machine.
    static func cosine(ofHalfTurns x: Double) -> Double {
        // Exact where the series would be slowest, and odd about the middle.
        guard x <= 0.5 else { return -Self.cosine(ofHalfTurns: 1 - x) }
        let square = (Double.pi * x) * (Double.pi * x)
        // Taylor's series by Horner's rule; at pi / 2 the first term left out is below 1e-17.
        return stride(from: 20, to: 0, by: -2).reduce(1.0) { sum, n in 1 - square / Double(n * (n - 1)) * sum }
    }
}
