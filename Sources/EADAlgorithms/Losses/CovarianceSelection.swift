import EADCore

/// The tokens whose advantage and log-probability vary together most, which drive entropy down (Cui et al., 2025).
///
/// cov_t = (A_t - mean A)(log pi_t - mean log pi), with means over all tokens of the mini-batch.
struct CovarianceSelection: Sendable {
    enum Rule: Sendable {
        /// A random choice among tokens with low < cov < high (Clip-Cov).
        case random(low: Double, high: Double)
        /// The tokens with the largest cov (KL-Cov).
        case largest
    }

    var rule: Rule
    /// The share of tokens chosen; at least one token is.
    var ratio: Double

    /// Marks the chosen tokens of a mini-batch.
    func select(in batch: TokenBatch, using generator: inout some RandomNumberGenerator) -> [Bool] {
        let covariances = Self.covariances(batch)
        let wanted = max(1, Int(self.ratio * Double(covariances.count)))
        var ranked: [Int]
        switch self.rule {
        case .random(let low, let high):
            // A random number each and then the smallest ones: no algorithm of the standard library is involved.
            ranked = covariances.indices.filter { covariances[$0] > low && covariances[$0] < high }
            let draws = ranked.map { _ in generator.next() }
            ranked = zip(draws, ranked).sorted { $0 < $1 }.map(\.1)
        case .largest:
            ranked = covariances.indices.sorted { (covariances[$0], $1) > (covariances[$1], $0) }
        }
        var isSelected = [Bool](repeating: false, count: covariances.count)
        for index in ranked.prefix(wanted) { isSelected[index] = true }
        return isSelected
    }

    private static func covariances(_ batch: TokenBatch) -> [Double] {
        let logProbs = batch.oldLogProbs
        let tokens = Double(max(1, logProbs.count))
        let meanLogProb = logProbs.reduce(0.0) { $0 + Double($1) } / tokens
        let meanAdvantage =
            zip(batch.responses, batch.advantages).reduce(0.0) { $0 + Double($1.0.count) * Double($1.1) } / tokens
        return zip(batch.responses, batch.advantages).flatMap { response, advantage in
            logProbs[response].map { (Double(advantage) - meanAdvantage) * (Double($0) - meanLogProb) }
        }
    }
}
