package import EADCore

/// All responses of a request, in its order.
package struct GeneratedGroup: Hashable, Sendable {
    package var id: GroupID
    /// The weights that every token of every response was drawn with.
    package var version: PolicyVersion
    package var samples: [GeneratedSample]

    package init(id: GroupID, version: PolicyVersion, samples: [GeneratedSample]) {
        self.id = id
        self.version = version
        self.samples = samples
    }
}

/// One response; the arrays have one element per token.
package struct GeneratedSample: Hashable, Sendable {
    package var tokens: [TokenID]
    /// tau_t; 0 for a greedy response.
    package var temperatures: [Float]
    /// Log-probability under the law the token was drawn from (after tau, top-k, top-p, min-p); 0 when greedy.
    package var behaviourLogProbs: [Float]
    /// Log-probability at tau = 1 without filters, equal bit for bit to the trainer's.
    package var policyLogProbs: [Float]
    /// Entropy at tau = 1 without filters, in nats, equal bit for bit to the trainer's.
    package var policyEntropies: [Float]
    /// Entropy of the law the token was drawn from, in nats; 0 when greedy.
    package var behaviourEntropies: [Float]
    package var finish: FinishReason

    package init(
        tokens: [TokenID], temperatures: [Float], behaviourLogProbs: [Float], policyLogProbs: [Float],
        policyEntropies: [Float], behaviourEntropies: [Float], finish: FinishReason
    ) {
        self.tokens = tokens
        self.temperatures = temperatures
        self.behaviourLogProbs = behaviourLogProbs
        self.policyLogProbs = policyLogProbs
        self.policyEntropies = policyEntropies
        self.behaviourEntropies = behaviourEntropies
        self.finish = finish
    }
}
