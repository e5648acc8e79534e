public import EADCore
public import EADSampling

/// A prompt and the responses to sample for it.
public struct GenerationRequest: Sendable {
    public var id: GroupID
    public var promptTokens: [TokenID]
    public var samples: [SampleSpecification]
    public var sampling: SamplingConfiguration
    /// The s of d_s.
    public var step: GlobalStep
    /// A response ends with the first of these.
    public var stopTokens: Set<TokenID>

    public init(
        id: GroupID, promptTokens: [TokenID], samples: [SampleSpecification], sampling: SamplingConfiguration,
        step: GlobalStep, stopTokens: Set<TokenID>
    ) {
        self.id = id
        self.promptTokens = promptTokens
        self.samples = samples
        self.sampling = sampling
        self.step = step
        self.stopTokens = stopTokens
    }
}

/// How one response of a group is drawn.
public struct SampleSpecification: Hashable, Sendable {
    /// Determines its random numbers.
    public var key: SampleKey
    /// Always the most probable token (lowest id on ties), without randomness.
    public var greedy: Bool

    public init(key: SampleKey, greedy: Bool = false) {
        self.key = key
        self.greedy = greedy
    }
}
