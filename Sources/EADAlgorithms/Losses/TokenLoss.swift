/// The policy loss of a sequence's tokens before correction and aggregation.
protocol TokenLoss: Sendable {
    /// One term per token of the sequence, in order.
    func terms(of sequence: SequenceTokens) -> [LossTerm]
}

/// The tokens of one response as a loss sees them; all arrays have the same length.
struct SequenceTokens {
    /// log pi_theta.
    var logProbs: [Double]
    /// log pi_theta - log pi_old.
    var logRatios: [Double]
    /// A.
    var advantages: [Double]
    /// Whether a covariance rule chose the token.
    var isSelected: [Bool]
}

/// A token's loss and its derivative with respect to the token's current log-probability.
struct LossTerm {
    enum Clipping {
        case none
        /// The ratio fell below 1 - clipLow.
        case low
        /// The ratio rose above 1 + clipHigh.
        case high
        /// The ratio rose above the dual clip with a negative advantage.
        case dual
    }

    var value: Double
    var slope: Double
    var clipping: Clipping = .none
}
