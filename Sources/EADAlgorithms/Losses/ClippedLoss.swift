/// The clipped surrogate of PPO with separate bounds and the dual clip of Ye et al. (2020).
///
/// With r = exp(log pi_theta - log pi_old):
/// ```
/// L = max(-A r, -A clip(r, 1 - low, 1 + high))
/// L = min(-A dual, L)                             for A < 0
/// ```
/// The slope is -A r where the ratio decides and 0 where a bound does.
struct ClippedLoss: TokenLoss {
    var low: Double
    var high: Double
    /// The largest ratio that counts against a negative advantage, > 1; nil for no limit.
    var dual: Double?

    func terms(of sequence: SequenceTokens) -> [LossTerm] {
        zip(sequence.logRatios, sequence.advantages).map { self.term(logRatio: $0, advantage: $1) }
    }

    func term(logRatio: Double, advantage: Double) -> LossTerm {
        let ratio = LogRatio.exponential(logRatio)
        if advantage > 0, ratio > 1 + self.high {
            return LossTerm(value: -advantage * (1 + self.high), slope: 0, clipping: .high)
        }
        if advantage < 0, ratio < 1 - self.low {
            return LossTerm(value: -advantage * (1 - self.low), slope: 0, clipping: .low)
        }
        if advantage < 0, let dual = self.dual, ratio > dual {
            return LossTerm(value: -advantage * dual, slope: 0, clipping: .dual)
        }
        return LossTerm(value: -advantage * ratio, slope: LogRatio.isHeld(logRatio) ? 0 : -advantage * ratio)
    }
}
