/// What is done about sampling from another law (mu: annealed, filtered) than the policy that is trained (pi_old).
///
/// With rho_t = exp(log pi_old - log mu) per token and rho = exp(sum over the response) per sequence, logarithms held to
/// +-20. Weights multiply the policy loss of a token and carry no gradient.
package enum OffPolicyCorrection: String, Hashable, Sendable, CaseIterable {
    /// Every token counts fully.
    case none
    /// w_t = min(rho_t, cap): truncated importance sampling per token (Yao et al., 2025).
    case tokenTruncated = "token-truncated"
    /// w_t = min(rho, cap) for all tokens of a response.
    case sequenceTruncated = "sequence-truncated"
    /// w_t = rho_t where low <= rho_t <= high, else 0 (IcePop; Ling Team, 2025).
    case tokenMasked = "token-masked"
    /// w_t = rho for all tokens of a response where low <= rho <= high, else 0 (masked importance sampling).
    case sequenceMasked = "sequence-masked"
    /// mu takes the place of pi_old in the ratio, so that the loss itself corrects; no weights.
    case temperedOld = "tempered-old"

    /// Whether it weighs tokens by pi_old / mu, which holds for samples of any policy: without it a loss with older samples
    /// is that of naive PPO.
    package var hasWeights: Bool {
        switch self {
        case .none, .temperedOld: false
        case .tokenTruncated, .sequenceTruncated, .tokenMasked, .sequenceMasked: true
        }
    }

    /// What it is, in a sentence.
    package var summary: String {
        switch self {
        case .none: "Every token counts fully."
        case .tokenTruncated: "The weight min(pi / mu, cap) per token."
        case .sequenceTruncated: "The same with the ratio of the whole response."
        case .tokenMasked: "The weight pi / mu, or 0 outside correction_low to correction_high."
        case .sequenceMasked: "The same with the ratio of the whole response."
        case .temperedOld: "No weights: mu is the old policy of the loss."
        }
    }
}
