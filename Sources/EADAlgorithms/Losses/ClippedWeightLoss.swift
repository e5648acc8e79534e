/// CISPO (MiniMax, 2025): REINFORCE with a clipped ratio as the weight, so that no token loses its gradient.
///
/// L = -sg(clip(r, 1 - low, 1 + high)) A log pi_theta, with sg for "no gradient"; the slope is -clip(r) A.
struct ClippedWeightLoss: TokenLoss {
    var low: Double
    var high: Double

    func terms(of sequence: SequenceTokens) -> [LossTerm] {
        sequence.logProbs.indices.map { index in
            let ratio = LogRatio.exponential(sequence.logRatios[index])
            let weight = min(max(ratio, 1 - self.low), 1 + self.high)
            let slope = -weight * sequence.advantages[index]
            return LossTerm(
                value: slope * sequence.logProbs[index], slope: slope,
                clipping: ratio < weight ? .low : ratio > weight ? .high : .none)
        }
    }
}
