/// The loss of a micro-batch with what backpropagation needs from it.
package struct ObjectiveOutput: Hashable, Sendable {
    /// The micro-batch's share of the mini-batch's loss; shares add up.
    package var loss = 0.0
    /// dLoss/dlog pi_theta of each token, [tokens].
    package var gradient: [Float] = []
    /// dLoss/dentropy of each token, [tokens]; empty without an entropy bonus.
    package var entropyGradient: [Float] = []
    package var metrics = ObjectiveMetrics()
}
