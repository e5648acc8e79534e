import Glibc

/// Exponentials of log-probability differences that stay finite.
enum LogRatio {
    /// Differences are held to +-20 before they are exponentiated, as in verl.
    static let limit = 20.0

    /// exp(difference), with the difference held.
    static func exponential(_ difference: Double) -> Double { exp(min(max(difference, -Self.limit), Self.limit)) }

    /// Whether the hold decides, so that the exponential has no slope.
    static func isHeld(_ difference: Double) -> Bool { abs(difference) >= Self.limit }
}
