/// The policy loss of a token.
package enum PolicyLoss: String, Hashable, Sendable, CaseIterable {
    /// The clipped surrogate of PPO, GRPO and DAPO, with a dual clip.
    case vanilla
    /// The clipped surrogate of the sequence's mean ratio (GSPO).
    case gspo
    /// REINFORCE with a clipped ratio as the weight (CISPO).
    case cispo
    /// The clipped surrogate without some tokens of high covariance (Clip-Cov).
    case clipCov = "clip-cov"
    /// The unclipped surrogate with a penalty on tokens of the highest covariance (KL-Cov).
    case klCov = "kl-cov"

    /// What it is, in a sentence.
    package var summary: String {
        switch self {
        case .vanilla: "The clipped surrogate of PPO, with a dual clip."
        case .gspo: "The clipped surrogate with one ratio per response."
        case .cispo: "REINFORCE weighted by the clipped ratio."
        case .clipCov: "The clipped surrogate without some tokens of high covariance."
        case .klCov: "The unclipped surrogate with a penalty on tokens of high covariance."
        }
    }
}
