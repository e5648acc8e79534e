package import EADCore

/// Why the engine refused to go on.
package enum EngineError: Error, Hashable, Sendable, CustomStringConvertible {
    /// NaN or infinity: what (a tensor's name, "logits", ...) and where it was found.
    case nonFinite(what: String, place: String)
    /// Weights of another size than the model's.
    case parameterSize(expectedBytes: Int, actualBytes: Int)
    /// A model the kernels cannot run.
    case unsupportedShape(String)
    case emptyPrompt(place: String)
    case emptyResponse(place: String)
    case tokenOutOfRange(token: TokenID, vocabulary: Int, place: String)
    /// Prompt and response together exceed the model's context.
    case contextOverflow(tokens: Int, context: Int, place: String)
    /// A request that asks for nothing.
    case unusableSampling(String)
    /// Coefficients of another nesting than the responses, or not finite.
    case coefficients(String)
    /// EAD_CPU_VARIANT names a variant that does not exist or that this CPU lacks.
    case cpuVariant(requested: String, available: [String])
    /// Threads or memory refused by the system.
    case outOfResources(String)

    package var description: String {
        switch self {
        case .nonFinite(let what, let place): "\(what) holds NaN or infinity (\(place))"
        case .parameterSize(let expected, let actual): "the model has \(expected) bytes of parameters, not \(actual)"
        case .unsupportedShape(let reason): "the model cannot be run: \(reason)"
        case .emptyPrompt(let place): "\(place) has an empty prompt"
        case .emptyResponse(let place): "\(place) has an empty response"
        case .tokenOutOfRange(let token, let vocabulary, let place):
            "\(place) has token \(token), the vocabulary has \(vocabulary)"
        case .contextOverflow(let tokens, let context, let place):
            "\(place) needs \(tokens) positions, the model has \(context)"
        case .unusableSampling(let reason): "the sampling configuration is unusable: \(reason)"
        case .coefficients(let reason): "the loss coefficients are unusable: \(reason)"
        case .cpuVariant(let requested, let available):
            "EAD_CPU_VARIANT=\(requested) is not one this CPU runs: \(available.joined(separator: ", "))"
        case .outOfResources(let what): "the system refused \(what)"
        }
    }
}
