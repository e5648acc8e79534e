package import EADCore
package import EADEngine

/// Engines that compute nothing, for tests of what surrounds an engine.
package struct FakeEngines: EngineFactory {
    package var capabilities: EngineCapabilities

    package init(isBitExact: Bool = true) { self.capabilities = EngineCapabilities(isBitExact: isBitExact) }

    package func generation(
        _ shape: ModelShape, _ configuration: ComputeConfiguration, lanes: Int,
        tokenBytes: @escaping @Sendable (TokenID) -> [UInt8]
    ) throws(EngineError) -> any GenerationEngine {
        FakeGenerationEngine(shape, lanes: lanes)
    }

    package func training(
        _ shape: ModelShape, _ configuration: ComputeConfiguration, parameters: UnsafeBufferPointer<Float>
    ) throws(EngineError) -> any TrainingEngine {
        try FakeTrainingEngine(shape, configuration, parameters: parameters)
    }
}
