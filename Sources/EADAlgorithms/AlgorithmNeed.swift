/// What an objective needs from a learner besides log-probabilities and rewards.
package enum AlgorithmNeed: String, Hashable, Sendable, CaseIterable {
    /// `PolicyObjective.selection` over each mini-batch (clip-cov, kl-cov).
    case tokenSelection
    /// Log-probabilities under a reference policy (klCoefficient > 0).
    case referenceLogProbs
    /// The entropy at every token, and its gradient (entropyCoefficient > 0).
    case entropies
    /// `PolicyObjective.shaped` before advantages (overlongBuffer > 0).
    case overlongShaping
    /// Fresh groups in the place of refused ones (groupFilter).
    case groupFilter
}
