import EADCore

/// The curve of an annealed schedule; all but `ead` are controls or variants of the published code.
///
/// Below, t is the position, s the step, D = clock * d_s the decay in tokens, x = t / D, and hi and lo are maximum and
/// minimum. Every result is at least 0.001, and positions before the warm-up have temperature 1 in every shape.
package enum ScheduleShape: String, Hashable, Sendable, CaseIterable {
    /// max(1 + hi - exp(x), lo): Exploratory Annealed Decoding.
    case ead
    /// min(lo + exp(x), hi): the paper's ablation that heats up.
    case reverse
    /// max(hi - (hi - lo) x, lo).
    case linear
    /// hi for x < 1/2, then lo.
    case twoStage = "two-stage"
    /// The mean of `ead` over 0 <= x <= 1, at every position and step.
    case meanMatched = "mean-matched"
    /// The mean of `ead` over the first `horizon` positions of the step, at every position.
    case stepOnly = "step-only"
    /// lo + (hi - lo) exp(-x): the released modes `token_length` (decayGrowth 0) and `both_v_1_5` (decayLimit 2000),
    /// with clock 20.
    case exponential
    /// lo + (hi exp(-s / d_0) - lo) exp(-t / (clock d_0)): the released mode `both`, with clock 20. It falls below lo.
    case exponentialBoth = "exponential-both"
    /// lo + (hi - lo) exp(-s / d_0): the released modes `global_step` and `steps_variant_rev`.
    case stepDecay = "step-decay"
    /// min(hi + (lo - hi) exp(-s / d_0), 1): the released mode `steps_variant`.
    case stepGrowth = "step-growth"
}

extension AnnealedSchedule {
    /// The curve without warm-up, in double precision.
    func curve(position: Double, step: GlobalStep) -> Double {
        let decay = self.clock * self.decay(at: step)
        // Also where both are beyond what division can tell apart.
        let phase = position == 0 ? 0 : position / decay
        let span = self.maximum - self.minimum
        let stepPhase = Double(step.rawValue) / self.initialDecay
        return switch self.shape {
        case .ead: max(1 + self.maximum - Exponential.exp(phase), self.minimum)
        case .reverse: min(self.minimum + Exponential.exp(phase), self.maximum)
        case .linear: self.maximum - span * min(phase, 1)
        case .twoStage: phase < 0.5 ? self.maximum : self.minimum
        case .meanMatched: self.mean(upTo: 1)
        case .stepOnly: self.mean(upTo: Double(self.horizon) / decay)
        case .exponential: self.minimum + span * Exponential.exp(-phase)
        case .exponentialBoth:
            self.minimum + (self.maximum * Exponential.exp(-stepPhase) - self.minimum)
                * Exponential.exp(position == 0 ? 0 : -position / (self.clock * self.initialDecay))
        case .stepDecay: self.minimum + span * Exponential.exp(-stepPhase)
        case .stepGrowth: min(self.maximum - span * Exponential.exp(-stepPhase), 1)
        }
    }

    /// The mean of max(1 + hi - e^u, lo) over 0 <= u <= end, from its integral.
    private func mean(upTo end: Double) -> Double {
        guard end < .infinity else { return self.minimum }
        guard end > 0 else { return self.maximum }
        let floor = min(end, Exponential.log(1 + self.maximum - self.minimum))
        let curved = (1 + self.maximum) * (floor / end) - Exponential.expm1(floor) / end
        return curved + self.minimum * (1 - floor / end)
    }
}
