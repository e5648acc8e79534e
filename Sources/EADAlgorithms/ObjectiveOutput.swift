/// The loss of a micro-batch with what backpropagation needs from it.
public struct ObjectiveOutput: Hashable, Sendable {
    /// The micro-batch's share of the mini-batch's loss; shares add up.
    public var loss = 0.0
    /// dLoss/dlog pi_theta of each token, [tokens].
    public var gradient: [Float] = []
    /// dLoss/dentropy of each token, [tokens]; empty without an entropy bonus.
    public var entropyGradient: [Float] = []
    public var metrics = ObjectiveMetrics()
}
