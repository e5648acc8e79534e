import EADSampling

/// Percentile intervals of means over problems, from problems drawn with replacement.
///
/// All columns are measured on the same draws. The draws depend on the number of problems alone, so equal scores have
/// equal intervals.
struct ProblemBootstrap {
    static let rounds = 2000
    /// The central 95 %.
    static let tails = (0.025, 0.975)

    /// - Parameter columns: For each figure its value of each problem; nil where the problem has none, but not everywhere.
    /// - Returns: For each figure the interval of its mean over the problems that have it.
    static func intervals(_ columns: [[Double?]]) -> [(low: Double, high: Double)] {
        guard let count = columns.first?.count else { return [] }
        precondition(columns.allSatisfy { $0.count == count && $0.contains { $0 != nil } }, "there is a mean")
        var generator = PhiloxGenerator(seed: 0, stream: Self.stream)
        var draws: [[Int]] = []
        for _ in 0..<Self.rounds {
            draws.append((0..<count).map { _ in Int(generator.below(UInt64(count))) })
        }
        return columns.map { column in
            // A draw of problems without the figure only says nothing.
            let means = draws.compactMap { draw -> Double? in
                var (sum, present) = (0.0, 0)
                for problem in draw {
                    guard let value = column[problem] else { continue }
                    sum += value
                    present += 1
                }
                return present > 0 ? sum / Double(present) : nil
            }
            let sorted = means.sorted()
            return (Self.quantile(sorted, Self.tails.0), Self.quantile(sorted, Self.tails.1))
        }
    }

    /// Between two order statistics the quantile is interpolated linearly.
    private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
    }

    private static let stream: UInt64 = 0x6576_616C
}
