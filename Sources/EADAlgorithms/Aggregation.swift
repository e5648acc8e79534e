package import EADCore

/// How token losses become one number. All denominators count the whole mini-batch, not a micro-batch.
package enum Aggregation: String, Hashable, Sendable, CaseIterable {
    /// The sum over all tokens divided by their number (DAPO).
    case tokenMean = "token-mean"
    /// The sum over each response's tokens, then the mean over responses.
    case sequenceMeanTokenSum = "seq-mean-token-sum"
    /// The mean over each response's tokens, then the mean over responses (GRPO as published, GSPO).
    case sequenceMeanTokenMean = "seq-mean-token-mean"
    /// The sum over each response's tokens divided by a constant, then the mean over responses (Dr.GRPO).
    case constantNorm = "constant-norm"

    /// What it is, in a sentence.
    package var summary: String {
        switch self {
        case .tokenMean: "The sum over all tokens of an update, over their number."
        case .sequenceMeanTokenSum: "The mean over responses of their tokens' sum."
        case .sequenceMeanTokenMean: "The mean over responses of their tokens' mean."
        case .constantNorm: "The mean over responses of their tokens' sum over norm_tokens."
        }
    }

    /// The factor of each token's loss in a response of `tokens` tokens; `norm` is the constant of `constantNorm`.
    func weight(tokens: Int, totals: BatchTotals, norm: Int) -> Double {
        switch self {
        case .tokenMean: 1 / Double(totals.tokens)
        case .sequenceMeanTokenSum: 1 / Double(totals.sequences)
        case .sequenceMeanTokenMean: 1 / (Double(totals.sequences) * Double(tokens))
        case .constantNorm: 1 / (Double(totals.sequences) * Double(norm))
        }
    }
}

/// The size of a mini-batch: everything one optimizer update averages over.
package struct BatchTotals: Hashable, Sendable {
    /// Response tokens, >= 1.
    package var tokens: Int
    /// Responses, >= 1.
    package var sequences: Int

    package init(tokens: Int, sequences: Int) {
        precondition(tokens >= 1 && sequences >= 1, "a mini-batch has at least one token")
        self.tokens = tokens
        self.sequences = sequences
    }

    /// Those of a mini-batch that is this batch alone.
    package init(of batch: TokenBatch) {
        self.init(tokens: batch.count, sequences: batch.responses.count)
    }
}
