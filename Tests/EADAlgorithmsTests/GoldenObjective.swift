import EADAlgorithms
import Foundation
import Testing

/// What scripts/reference/algorithms.py computed from the published formulas.
struct GoldenObjective: Decodable {
    struct Batch: Decodable {
        let logProbs: [[Float]]
        let oldLogProbs: [[Float]]
        let behaviourLogProbs: [[Float]]
        let advantages: [Float]
        let referenceLogProbs: [[Float]]
        let entropies: [[Float]]
        let isSelected: [[Bool]]
    }

    struct Totals: Decodable {
        let tokens: Int
        let sequences: Int
    }

    struct Case: Decodable {
        private enum CodingKeys: String, CodingKey {
            case golden = "configuration", totals, loss, gradient, metrics
        }

        private let golden: GoldenConfiguration
        var configuration: AlgorithmConfiguration { self.golden.value }
        let totals: Totals
        let loss: Double
        let gradient: [Double]
        let metrics: [String: Double]
    }

    struct Response: Decodable {
        let reward: Float
        let tokens: Int
    }

    let batch: Batch
    let cases: [Case]
    let groups: [[Response]]
    let advantages: [String: [[Double]]]
    /// The tokens KL-Cov chooses from `oldLogProbs`, by covariance ratio.
    let largestCovariance: [String: [Bool]]
    /// Of the tokens, from `oldLogProbs`.
    let covariances: [Double]

    static func load() throws -> GoldenObjective {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/objective", withExtension: "json"))
        return try JSONDecoder().decode(GoldenObjective.self, from: Data(contentsOf: url))
    }

    /// The responses from `range` as one micro-batch, with `shift` added to the log-probability of one token.
    func tokens(_ range: Range<Int>? = nil, shift: (sequence: Int, token: Int, by: Float)? = nil) -> MeasuredBatch {
        var tokens = MeasuredBatch()
        for sequence in range ?? 0..<self.batch.logProbs.count {
            var logProbs = self.batch.logProbs[sequence]
            if let shift, shift.sequence == sequence { logProbs[shift.token] += shift.by }
            var extras = MeasuredBatch.Extras()
            extras.referenceLogProbs = self.batch.referenceLogProbs[sequence]
            extras.entropies = self.batch.entropies[sequence]
            extras.isSelected = self.batch.isSelected[sequence]
            tokens.append(
                logProbs: logProbs, oldLogProbs: self.batch.oldLogProbs[sequence],
                behaviourLogProbs: self.batch.behaviourLogProbs[sequence], advantage: self.batch.advantages[sequence],
                extras: extras)
        }
        return tokens
    }
}

extension BatchTotals {
    init(_ totals: GoldenObjective.Totals) { self.init(tokens: totals.tokens, sequences: totals.sequences) }
}

extension AlgorithmConfiguration {
    /// Whether the loss's value is a function whose derivative the gradient is, instead of a surrogate.
    var isDifferentiable: Bool {
        if self.loss == .cispo || (self.loss == .gspo && self.aggregation != .sequenceMeanTokenMean) { return false }
        return self.klCoefficient == 0 || (self.klEstimator != .k1Plus && self.klEstimator != .k3Plus)
    }
}
