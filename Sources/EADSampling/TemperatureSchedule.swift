package import EADCore

/// The temperature each response token is drawn at.
package enum TemperatureSchedule: Hashable, Sendable {
    /// One temperature for all tokens; 0 is greedy decoding.
    case constant(Float)
    /// Exploratory Annealed Decoding, or one of the curves it is compared with.
    case annealed(AnnealedSchedule)

    /// The temperatures a logit can be divided by without leaving 32-bit range or becoming a point mass.
    package static let range: ClosedRange<Double> = 0.001...100

    /// The temperature of the token at the 0-based response `position` (>= 0) in the given step.
    package func temperature(at position: Int, step: GlobalStep) -> Float {
        switch self {
        case .constant(let temperature): temperature
        case .annealed(let schedule): schedule.temperature(at: position, step: step)
        }
    }

    /// d_s, in tokens, or nil for a schedule without a decay.
    package func decay(at step: GlobalStep) -> Double? {
        switch self {
        case .constant: nil
        case .annealed(let schedule): schedule.decay(at: step)
        }
    }
}
