package import EADCore
import Glibc

/// The settings of Exploratory Annealed Decoding: hot at the start of a response, cold at its end.
///
/// With t the 0-based position in the response and s the global step:
/// ```
/// tau_t = max(1 + maximum - exp(t / (clock * d_s)), minimum)   for t >= warmup
/// tau_t = 1                                                    for t <  warmup
/// d_s   = min(initialDecay + decayGrowth * s, decayLimit)
/// ```
/// `clock` 1 is the paper's formula. The code published with the paper divides t by 20 d_s, which anneals twenty times
/// more slowly; `released` names that variant. The position is not restarted after the warm-up.
package struct AnnealedSchedule: Hashable, Sendable {
    /// The curve; the formula above is that of `ead`.
    package var shape: ScheduleShape
    /// tau_max: the temperature at position 0 of an endless decay.
    package var maximum: Double
    /// tau_min: the floor.
    package var minimum: Double
    /// d_0: the decay, in tokens, at step 0.
    package var initialDecay: Double
    /// alpha: tokens the decay grows by with every global step.
    package var decayGrowth: Double
    /// The largest decay, in tokens.
    package var decayLimit: Double
    /// c: response tokens drawn at temperature 1 before annealing takes over.
    ///
    /// It is meant for tokens that repeat a template. With the 10 of the published code and a clock of 1, the default decay
    /// would be past temperature 1 before it takes over, and a run would not explore in its first steps; so it is 0.
    package var warmup: Int
    /// Factor on the decay.
    package var clock: Double
    /// Positions that the shape `stepOnly` averages over, >= 1.
    package var horizon: Int

    package init(
        shape: ScheduleShape = .ead, maximum: Double = 1.2, minimum: Double = 0.1, initialDecay: Double = 25,
        decayGrowth: Double = 5, decayLimit: Double = 40000, warmup: Int = 0, clock: Double = 1, horizon: Int = 1024
    ) {
        self.shape = shape
        self.maximum = maximum
        self.minimum = minimum
        self.initialDecay = initialDecay
        self.decayGrowth = decayGrowth
        self.decayLimit = decayLimit
        self.warmup = warmup
        self.clock = clock
        self.horizon = horizon
    }

    /// The schedule as the published code computes it: the default settings with its clock of 20 and its warm-up of 10.
    package static let released = AnnealedSchedule(warmup: 10, clock: 20)

    /// d_s, in tokens, before `clock` is applied.
    package func decay(at step: GlobalStep) -> Double {
        Swift.min(self.initialDecay + self.decayGrowth * Double(step.rawValue), self.decayLimit)
    }

    /// tau_t for the token at the 0-based response `position` in the given step; 1 during the warm-up.
    ///
    /// Computed in double precision. Beyond the range of `exp` the power is infinite and the bound of the shape applies.
    package func temperature(at position: Int, step: GlobalStep) -> Float {
        precondition(position >= 0, "a response position counts from 0")
        guard position >= self.warmup else { return 1 }
        let range = TemperatureSchedule.range
        return Float(min(max(self.curve(position: Double(position), step: step), range.lowerBound), range.upperBound))
    }
}
