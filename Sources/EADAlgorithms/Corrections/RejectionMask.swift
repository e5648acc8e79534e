import Glibc

/// A rule that drops tokens, or whole responses, sampled too far from the policy.
///
/// With l = log pi_old - log mu of a token, the measures of distance are
/// ```
/// k1 = l               kept where low <= exp(k1) <= high
/// k2 = l^2 / 2         kept where k2 <= high
/// k3 = exp(l) - 1 - l  kept where k3 <= high
/// ```
/// of a token, or their sum, mean or maximum over the response. Of m2 = l^2 the largest are dropped until the mean of the
/// response's other tokens is at most `high`: M2PO's rule (second moment trust), which bounds the mean over any batch of
/// responses with it. verl bounds exp(-k1) instead: its bounds lo_hi are
/// 1/hi...1/lo here. Dropped tokens still count in the denominators of the aggregation.
package struct RejectionMask: Hashable, Sendable {
    package enum Measure: String, Hashable, Sendable, CaseIterable {
        case tokenK1 = "token-k1"
        case tokenK2 = "token-k2"
        case tokenK3 = "token-k3"
        case tokenM2 = "token-m2"
        case sequenceSumK1 = "seq-sum-k1"
        case sequenceSumK2 = "seq-sum-k2"
        case sequenceSumK3 = "seq-sum-k3"
        case sequenceMeanK1 = "seq-mean-k1"
        case sequenceMeanK2 = "seq-mean-k2"
        case sequenceMeanK3 = "seq-mean-k3"
        case sequenceMaxK2 = "seq-max-k2"
        case sequenceMaxK3 = "seq-max-k3"

        /// What it is, in a sentence.
        package var summary: String {
            switch self {
            case .tokenK1: "Tokens by pi / mu."
            case .tokenK2: "Tokens by log(pi / mu)^2 / 2."
            case .tokenK3: "Tokens by r - 1 - log r, with r = pi / mu."
            case .tokenM2:
                "Tokens by log(pi / mu)^2, the largest first, until the mean of a response's others is low enough."
            case .sequenceSumK1: "Responses by the product of pi / mu."
            case .sequenceSumK2: "Responses by the sum of k2."
            case .sequenceSumK3: "Responses by the sum of k3."
            case .sequenceMeanK1: "Responses by the geometric mean of pi / mu."
            case .sequenceMeanK2: "Responses by the mean of k2."
            case .sequenceMeanK3: "Responses by the mean of k3."
            case .sequenceMaxK2: "Responses by the largest k2."
            case .sequenceMaxK3: "Responses by the largest k3."
            }
        }
    }

    package var measure: Measure
    /// For k1, the smallest ratio kept, > 0; 0 for the other measures.
    package var low: Double
    /// For k1, the largest ratio kept; for the others, the largest distance kept; > 0.
    package var high: Double

    package init(measure: Measure, low: Double = 0, high: Double) {
        self.measure = measure
        self.low = low
        self.high = high
    }

    /// Which tokens of a response are kept; takes log pi_old - log mu of each.
    func keeps(logRatios: [Double]) -> [Bool] {
        func whole(_ distance: Double) -> [Bool] {
            [Bool](repeating: self.keeps(distance), count: logRatios.count)
        }
        let distances = logRatios.map { self.distance($0) }
        switch self.measure {
        case .tokenK1, .tokenK2, .tokenK3:
            return distances.map { self.keeps($0) }
        case .tokenM2:
            return self.keepsSmallest(of: distances)
        case .sequenceSumK1, .sequenceSumK2, .sequenceSumK3:
            return whole(distances.reduce(0, +))
        case .sequenceMeanK1, .sequenceMeanK2, .sequenceMeanK3:
            return whole(distances.reduce(0, +) / Double(max(1, distances.count)))
        case .sequenceMaxK2, .sequenceMaxK3:
            return whole(distances.max() ?? 0)
        }
    }

    /// As many of the smallest as have a mean of at most `high`; of equal ones the first.
    private func keepsSmallest(of distances: [Double]) -> [Bool] {
        var isKept = [Bool](repeating: false, count: distances.count)
        var sum = 0.0
        for (count, index) in distances.indices.sorted(by: { (distances[$0], $0) < (distances[$1], $1) }).enumerated() {
            sum += distances[index]
            guard sum <= self.high * Double(count + 1) else { break }
            isKept[index] = true
        }
        return isKept
    }

    private func distance(_ logRatio: Double) -> Double {
        switch self.measure {
        case .tokenM2: logRatio * logRatio
        case .tokenK1, .sequenceSumK1, .sequenceMeanK1: logRatio
        case .tokenK2, .sequenceSumK2, .sequenceMeanK2, .sequenceMaxK2: logRatio * logRatio / 2
        case .tokenK3, .sequenceSumK3, .sequenceMeanK3, .sequenceMaxK3:
            LogRatio.exponential(logRatio) - 1 - logRatio
        }
    }

    private func keeps(_ distance: Double) -> Bool {
        guard self.boundsRatio else { return distance <= self.high }
        return log(self.low) <= distance && distance <= log(self.high)
    }

    /// Whether the bounds are those of a ratio.
    package var boundsRatio: Bool { [.tokenK1, .sequenceSumK1, .sequenceMeanK1].contains(self.measure) }
}
