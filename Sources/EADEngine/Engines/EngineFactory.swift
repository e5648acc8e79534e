package import EADCore

/// Makes the engines of a process. The mains choose one and hand it to the roles, which know nothing else of engines.
package protocol EngineFactory: Sendable {
    /// Of all engines it makes.
    var capabilities: EngineCapabilities { get }

    /// - Parameters:
    ///   - lanes: The most samples drawn together.
    ///   - tokenBytes: The bytes a token stands for, to find stop strings.
    func generation(
        _ shape: ModelShape, _ configuration: ComputeConfiguration, lanes: Int,
        tokenBytes: @escaping @Sendable (TokenID) -> [UInt8]
    ) throws(EngineError) -> any GenerationEngine

    /// - Parameter parameters: In the order of `ParameterLayout(shape)`; copied.
    func training(
        _ shape: ModelShape, _ configuration: ComputeConfiguration, parameters: UnsafeBufferPointer<Float>
    ) throws(EngineError) -> any TrainingEngine
}
