/// An estimate of KL(pi_theta || pi_ref) from a single token, as a term of the loss.
///
/// With D = log pi_theta - log pi_ref:
/// ```
/// k1 = D                      slope 1
/// k2 = D^2 / 2                slope D
/// k3 = exp(-D) + D - 1        slope 1 - exp(-D)
/// ```
/// D is held to +-20 and k3 below 10, beyond which there is no slope. The slope of k1 has mean 0 and that of k3 is not
/// that of the divergence; the forms with a plus have the value of k1 or k3 and the slope of k2, which is.
package enum KLEstimator: String, Hashable, Sendable, CaseIterable {
    case k1, k2, k3
    case k1Plus = "k1+"
    case k3Plus = "k3+"

    /// What it is, in a sentence.
    package var summary: String {
        switch self {
        case .k1: "log(pi / ref). Its slope has mean 0."
        case .k2: "log(pi / ref)^2 / 2."
        case .k3: "ref / pi - 1 + log(pi / ref): never negative."
        case .k1Plus: "The value of k1, the slope of k2."
        case .k3Plus: "The value of k3, the slope of k2."
        }
    }

    private static let largest = 10.0

    func term(logProb: Double, reference: Double) -> (value: Double, slope: Double) {
        let difference = logProb - reference
        let isHeld = LogRatio.isHeld(difference)
        let held = min(max(difference, -LogRatio.limit), LogRatio.limit)
        let inverse = LogRatio.exponential(-difference)
        let k3 = min(inverse + held - 1, Self.largest)
        return switch self {
        case .k1: (held, isHeld ? 0 : 1)
        case .k2: (held * held / 2, isHeld ? 0 : held)
        case .k3: (k3, isHeld || k3 == Self.largest ? 0 : 1 - inverse)
        case .k1Plus: (held, isHeld ? 0 : held)
        case .k3Plus: (k3, isHeld ? 0 : held)
        }
    }
}
