/// Clip-Cov (Cui et al., 2025): the clipped surrogate without dual clip, in which chosen tokens count nothing.
struct ClipCovarianceLoss: TokenLoss {
    var low: Double
    var high: Double

    func terms(of sequence: SequenceTokens) -> [LossTerm] {
        let clipped = ClippedLoss(low: self.low, high: self.high, dual: nil)
        return zip(clipped.terms(of: sequence), sequence.isSelected).map { term, isSelected in
            isSelected ? LossTerm(value: 0, slope: 0) : term
        }
    }
}

/// KL-Cov (Cui et al., 2025): the unclipped surrogate, in which chosen tokens pay for moving.
///
/// L = -A r, plus penalty |log pi_theta - log pi_old| for chosen tokens; the penalty has no slope where they are equal.
struct KLCovarianceLoss: TokenLoss {
    var penalty: Double

    func terms(of sequence: SequenceTokens) -> [LossTerm] {
        sequence.logRatios.indices.map { index in
            let logRatio = sequence.logRatios[index]
            let surrogate = -sequence.advantages[index] * LogRatio.exponential(logRatio)
            var term = LossTerm(value: surrogate, slope: LogRatio.isHeld(logRatio) ? 0 : surrogate)
            if sequence.isSelected[index] {
                term.value += self.penalty * abs(logRatio)
                term.slope += logRatio == 0 ? 0 : logRatio > 0 ? self.penalty : -self.penalty
            }
            return term
        }
    }
}
