/// What a figure counts or measures.
package enum MetricUnit: String, Hashable, Sendable, CaseIterable {
    /// A number without a unit.
    case number
    /// 1 for yes and 0 for no.
    case flag
    /// Between 0 and 1; shown in per cent.
    case share
    case nats
    case tokens
    case tokensPerSecond = "tokens/s"
    case seconds = "s"
    case groups, rollouts, responses, problems, samples
    case bytes
    case leases, chunks, deltas, messages, connections, processes, faults
    case steps

    /// How it is shown where figures stand on an axis: the unit, and the factor to it.
    package var axis: (symbol: String, factor: Double) {
        switch self {
        case .number, .flag: ("", 1)
        case .share: ("%", 100)
        default: (self.rawValue, 1)
        }
    }
}
