/// The training objective, put together from parts that do not know each other.
///
/// The defaults are GRPO with a token mean and without a reference policy. A field says which parts read it.
package struct AlgorithmConfiguration: Hashable, Sendable {
    package var advantage: AdvantageEstimator = .grpo

    package var loss: PolicyLoss = .vanilla
    /// The ratio pi_theta / pi_old is held above 1 - clipLow where that would raise the objective, in [0, 1].
    /// All losses but kl-cov.
    package var clipLow: Float = 0.2
    /// The ratio is held below 1 + clipHigh where that would raise the objective, >= 0; DAPO uses 0.28.
    /// All losses but kl-cov.
    package var clipHigh: Float = 0.2
    /// The largest ratio that counts against a negative advantage, > 1; 0 sets no limit. Loss vanilla.
    package var dualClip: Float = 3
    /// The share of tokens chosen by covariance, in (0, 1]. Losses clip-cov and kl-cov.
    package var covarianceRatio: Double = 0.0002
    /// Tokens are candidates above this covariance. Loss clip-cov.
    package var covarianceLow: Double = 1
    /// Tokens are candidates below this covariance. Loss clip-cov.
    package var covarianceHigh: Double = 5
    /// The factor of |log pi_theta - log pi_old| of chosen tokens, >= 0. Loss kl-cov.
    package var covariancePenalty: Float = 1

    package var aggregation: Aggregation = .tokenMean
    /// The constant that token sums are divided by, in tokens, >= 1. Aggregation constant-norm.
    package var normTokens: Int = 1024

    package var correction: OffPolicyCorrection = .none
    /// The largest importance weight, > 0. Truncating corrections.
    package var correctionCap: Float = 2
    /// The smallest ratio kept, >= 0. Masked corrections.
    package var correctionLow: Float = 0.5
    /// The largest ratio kept, >= correctionLow. Masked corrections.
    package var correctionHigh: Float = 5
    /// Tokens are trained on only if all of these keep them.
    package var rejections: [RejectionMask] = []

    /// The factor of the divergence from the reference policy, >= 0; 0 needs no reference.
    package var klCoefficient: Float = 0
    package var klEstimator: KLEstimator = .k3
    /// The factor of the entropy bonus, >= 0; the entropy is that at tau = 1.
    package var entropyCoefficient: Float = 0

    /// Tokens before the length limit over which rewards fall, >= 0; 0 sets no penalty.
    package var overlongBuffer: Int = 0
    /// The penalty of a response that reaches the limit, >= 0.
    package var overlongFactor: Float = 1
    package var groupFilter: GroupFilter = .none
    /// How many times as many groups as a step has may be sampled to fill it, >= 1. Group filter mixed.
    package var groupFilterRounds: Int = 10

    package init() {}

    /// What the objective needs from the learner and the controller beyond rewards and log-probabilities.
    package var needs: Set<AlgorithmNeed> {
        var needs: Set<AlgorithmNeed> = []
        if self.loss == .clipCov || self.loss == .klCov { needs.insert(.tokenSelection) }
        if self.klCoefficient > 0 { needs.insert(.referenceLogProbs) }
        if self.entropyCoefficient > 0 { needs.insert(.entropies) }
        if self.overlongBuffer > 0 { needs.insert(.overlongShaping) }
        if self.groupFilter != .none { needs.insert(.groupFilter) }
        return needs
    }

    /// Whether tokens without an advantage have a gradient too, so that no group of a step may be skipped.
    package var trainsWithoutAdvantage: Bool {
        self.klCoefficient > 0 || self.entropyCoefficient > 0 || (self.loss == .klCov && self.covariancePenalty > 0)
    }
}
