import EADAlgorithms
import EADCore
import EADTestKit
import Testing

struct CovarianceSelectionTests {
    private let golden: GoldenObjective

    init() throws { self.golden = try GoldenObjective.load() }

    private func select(_ configuration: AlgorithmConfiguration, seed: UInt64 = 1) -> [Bool] {
        func select(_ batch: MeasuredBatch) -> [Bool] {
            var generator = SplitMix64(seed: seed)
            return PolicyObjective(configuration).selection(in: batch.tokens, using: &generator)
        }
        let selection = select(self.golden.tokens())
        #expect(selection.count == self.golden.batch.oldLogProbs.joined().count)
        #expect(selection == select(self.golden.tokens().decoupled))
        return selection
    }

    @Test func klCovChoosesTheLargestCovariances() {
        #expect(self.golden.largestCovariance.count == 3)
        for (ratio, expected) in self.golden.largestCovariance {
            let found = self.select(
                .with {
                    $0.loss = .klCov
                    $0.covarianceRatio = Double(ratio) ?? 0
                })
            #expect(found == expected)
        }
    }

    @Test func clipCovChoosesAtRandomBetweenItsBounds() {
        let configuration = AlgorithmConfiguration.with {
            $0.loss = .clipCov
            $0.covarianceRatio = 0.1
            $0.covarianceLow = 0.3
            $0.covarianceHigh = 0.6
        }
        let candidates = Set(
            self.golden.covariances.indices.filter { (0.3..<0.6).contains(self.golden.covariances[$0]) })
        #expect(candidates.count == 5)
        var counts: [Int: Int] = [:]
        for seed in 0..<500 as Range<UInt64> {
            let chosen = self.select(configuration, seed: seed).enumerated().filter(\.element).map(\.offset)
            #expect(chosen.count == 3)
            for index in chosen { counts[index, default: 0] += 1 }
        }
        // Each of five with probability 3/5: 300 of 500, deviation 11.
        #expect(Set(counts.keys) == candidates)
        #expect(counts.values.allSatisfy { abs($0 - 300) < 45 })
    }

    @Test func withoutCandidatesClipCovChoosesNothing() {
        let configuration = AlgorithmConfiguration.with {
            $0.loss = .clipCov
            $0.covarianceLow = 100
            $0.covarianceHigh = 200
        }
        #expect(!self.select(configuration).contains(true))
        #expect(!self.select(AlgorithmConfiguration()).contains(true))
    }
}
