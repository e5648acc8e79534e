/// The parameters of AdamW (Loshchilov and Hutter, 2019) with clipping by the global gradient norm.
package struct OptimizerConfiguration: Hashable, Sendable {
    package var learningRate: Float
    /// Decay of the mean and of the mean square of gradients, in [0, 1).
    package var beta1: Float
    package var beta2: Float
    package var epsilon: Float
    /// Decoupled, applied to every parameter: w is multiplied by 1 - learningRate * weightDecay.
    package var weightDecay: Float
    /// The largest global gradient norm; 0 turns clipping off.
    package var gradientClip: Float

    package init(
        learningRate: Float = 1e-6, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
        weightDecay: Float = 0.01, gradientClip: Float = 1
    ) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.gradientClip = gradientClip
    }
}

/// What an update did.
package struct UpdateSummary: Hashable, Sendable {
    /// The global norm of the gradients before clipping.
    package var gradientNorm: Double
    /// Whether the gradients were scaled down to `gradientClip`.
    package var clipped: Bool
    /// Updates so far, this one included.
    package var updates: Int

    package init(gradientNorm: Double, clipped: Bool, updates: Int) {
        self.gradientNorm = gradientNorm
        self.clipped = clipped
        self.updates = updates
    }
}
