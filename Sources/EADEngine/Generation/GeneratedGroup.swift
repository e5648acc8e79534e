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
    /// Entropy of the law at tau = 1, in nats.
    public var entropies: [Float]
    public var finish: FinishReason

    public init(
        tokens: [TokenID], temperatures: [Float], behaviourLogProbs: [Float], policyLogProbs: [Float],
        entropies: [Float], finish: FinishReason
    ) {
        self.tokens = tokens
        self.temperatures = temperatures
        self.behaviourLogProbs = behaviourLogProbs
        self.policyLogProbs = policyLogProbs
        self.entropies = entropies
        self.finish = finish
    }
}
