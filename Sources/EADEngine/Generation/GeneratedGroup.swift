public import EADCore

/// All responses of a request, in its order.
public struct GeneratedGroup: Hashable, Sendable {
    public var id: GroupID
    /// The weights that every token of every response was drawn with.
    public var version: PolicyVersion
    public var samples: [GeneratedSample]

    public init(id: GroupID, version: PolicyVersion, samples: [GeneratedSample]) {
        self.id = id
        self.version = version
        self.samples = samples
    }
}

/// One response; the arrays have one element per token.
public struct GeneratedSample: Hashable, Sendable {
    public var tokens: [TokenID]
    /// tau_t; 0 for a greedy response.
    public var temperatures: [Float]
    /// Log-probability under the law the token was drawn from (after tau, top-k, top-p, min-p); 0 when greedy.
    public var behaviourLogProbs: [Float]
    /// Log-probability at tau = 1 without filters, equal bit for bit to the trainer's.
    public var policyLogProbs: [Float]
    /// Entropy at tau = 1 without filters, in nats, equal bit for bit to the trainer's.
    public var policyEntropies: [Float]
    /// Entropy of the law the token was drawn from, in nats; 0 when greedy.
    public var behaviourEntropies: [Float]
    public var finish: FinishReason

    public init(
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
