/// What an engine computed of a batch's response tokens, in their order.
package struct TokenMeasurements: Hashable, Sendable {
    /// log pi_theta: natural log-probability under the weights being trained, at tau = 1.
    package var logProbs: [Float]
    /// The entropy of pi_theta at each token, at tau = 1, in nats; empty unless the objective needs it.
    package var entropies: [Float]
    /// log pi_ref, under the reference policy at tau = 1; empty unless the objective needs it.
    package var referenceLogProbs: [Float]

    package init(logProbs: [Float], entropies: [Float] = [], referenceLogProbs: [Float] = []) {
        self.logProbs = logProbs
        self.entropies = entropies
        self.referenceLogProbs = referenceLogProbs
    }
}
