/// GSPO (Zheng et al., 2025): the clipped surrogate of the sequence's ratio instead of the token's.
///
/// s = exp(mean over the sequence of log pi_theta - log pi_old), and every token's loss is
/// max(-A s, -A clip(s, 1 - low, 1 + high)). The slope -A s per token is that of a surrogate in which a token's own
/// log-probability moves s directly; under seq-mean-token-mean it is the true derivative of the sequence's loss.
struct SequenceRatioLoss: TokenLoss {
    var low: Double
    var high: Double

    /// log s is held below this, as in verl.
    private static let largestLogRatio = 10.0

    func terms(of sequence: SequenceTokens) -> [LossTerm] {
        let mean = sequence.logRatios.reduce(0, +) / Double(sequence.logRatios.count)
        let clipped = ClippedLoss(low: self.low, high: self.high, dual: nil)
        return sequence.advantages.map { advantage in
            var term = clipped.term(logRatio: min(mean, Self.largestLogRatio), advantage: advantage)
            if mean > Self.largestLogRatio { term.slope = 0 }
            return term
        }
    }
}
