package import EADCore
package import EADSampling

/// A prompt and the responses to sample for it.
package struct GenerationRequest: Sendable {
    package var id: GroupID
    package var promptTokens: [TokenID]
    package var samples: [SampleSpecification]
    package var sampling: SamplingConfiguration
    /// The s of d_s.
    package var step: GlobalStep
    /// A response ends with the first of these.
    package var stopTokens: Set<TokenID>

    package init(
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
package struct SampleSpecification: Hashable, Sendable {
    /// Determines its random numbers.
    package var key: SampleKey
    /// Always the most probable token (lowest id on ties), without randomness.
    package var greedy: Bool
    /// The policies that are to draw it, where that is not for the engine to find: it is sampled as it was before.
    package var runs: VersionRuns

    package init(key: SampleKey, greedy: Bool = false, runs: VersionRuns = VersionRuns()) {
        self.key = key
        self.greedy = greedy
        self.runs = runs
    }
}
