package import EADCore
package import EADEngine

/// The engines of this target: the transformer over the kernels of CEADKernels.
package struct TransformerEngines: EngineFactory {
    package init() {}

    package var capabilities: EngineCapabilities { EngineCapabilities(isBitExact: true) }

    package func generation(
        _ shape: ModelShape, _ configuration: ComputeConfiguration, lanes: Int,
        tokenBytes: @escaping @Sendable (TokenID) -> [UInt8]
    ) throws(EngineError) -> any GenerationEngine {
        try Generator(shape: shape, configuration: configuration, lanes: lanes, tokenBytes: tokenBytes)
    }

    package func training(
        _ shape: ModelShape, _ configuration: ComputeConfiguration, parameters: UnsafeBufferPointer<Float>
    ) throws(EngineError) -> any TrainingEngine {
        try Trainer(shape: shape, configuration: configuration, parameters: parameters)
    }
}

extension Generator: GenerationEngine {
    package func install(_ policy: PolicyImage, keeping kept: Set<PolicyVersion>) throws(EngineError) {
        // First: more sets of panels would not fit where these do.
        self.giveUp(allBut: kept)
        self.install(try PolicyWeights(policy, shape: self.shape, self.configuration), keeping: kept)
    }
}

extension Trainer: TrainingEngine {
    package func currentLogProbs(_ tokens: TokenBatch) throws(EngineError) -> [Float] { try self.logProbs(tokens) }

    package func keepReference(_ policy: PolicyImage) throws(EngineError) {
        self.reference = try PolicyWeights(policy, shape: self.shape, self.configuration)
    }

    package func referenceLogProbs(_ tokens: TokenBatch) throws(EngineError) -> [Float] {
        guard let reference = self.reference else { preconditionFailure("a reference is kept before it is asked") }
        return try self.logProbs(tokens, under: reference)
    }

    package var saved: SavedTraining {
        SavedTraining(
            parameters: self.source(.parameters), firstMoments: self.source(.firstMoments),
            secondMoments: self.source(.secondMoments))
    }

    package func restore(_ state: TrainingState) throws(EngineError) {
        try self.restore(
            parameters: state.parameters, firstMoments: state.firstMoments, secondMoments: state.secondMoments,
            updates: state.updates)
    }
}

extension PolicyWeights {
    fileprivate convenience init(
        _ policy: PolicyImage, shape: ModelShape, _ configuration: ComputeConfiguration
    ) throws(EngineError) {
        try self.init(
            shape: shape, precision: policy.precision, parameters: policy.bytes, version: policy.version,
            threads: configuration.threads)
    }
}
