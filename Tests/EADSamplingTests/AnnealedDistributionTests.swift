import EADCore
import EADSampling
import Foundation
import Testing

struct AnnealedDistributionTests {
    private static let logits: [Float] = [2, 1, 0.5, -1, 1, -3]

    private static func sampling(topK: Int = 0, topP: Float = 1, minP: Float = 0) -> SamplingConfiguration {
        SamplingConfiguration(schedule: .constant(1), topK: topK, topP: topP, minP: minP, maxTokens: 1)
    }

    /// tau, top-k, top-p, min-p, probabilities: printed by scripts/reference/sampling.py.
    @Test(
        arguments: [
            (
                1, 0, 1, 0,
                [0.496175957541, 0.182532933983, 0.110711820868, 0.024703146321, 0.182532933983, 0.003343207304]
            ),
            (
                0.5, 0, 1, 0,
                [0.755868304361, 0.102295651060, 0.037632466946, 0.001873610205, 0.10229565106, 0.000034316368]
            ),
            (
                1.2, 0, 1, 0,
                [0.443795503760, 0.192872730877, 0.127149540652, 0.036428953315, 0.192872730877, 0.006880540518]
            ),
            (1.2, 3, 1, 0, [0.534989255756, 0.232505372122, 0, 0, 0.232505372122, 0]),
            (1.2, 2, 1, 0, [0.697059283965, 0.302940716035, 0, 0, 0, 0]),
            (1, 0, 0.8, 0, [0.576116884766, 0.211941557617, 0, 0, 0.211941557617, 0]),
            (1.2, 4, 0.6, 0, [0.697059283965, 0.302940716035, 0, 0, 0, 0]),
            (1.2, 0, 1, 0.3, [0.534989255756, 0.232505372122, 0, 0, 0.232505372122, 0]),
            (0.7, 5, 0.99, 0.05, [0.626322621538, 0.150098865399, 0.073479647665, 0, 0.150098865399, 0]),
        ] as [(Float, Int, Float, Float, [Double])])
    func filtersApplyInOrderToTheAnnealedLaw(tau: Float, topK: Int, topP: Float, minP: Float, expected: [Double]) {
        let law = AnnealedDistribution(
            logits: Self.logits, temperature: tau, configuration: Self.sampling(topK: topK, topP: topP, minP: minP))
        for (found, wanted) in zip(law.probabilities, expected) { #expect(abs(found - wanted) < 1e-7) }
        for (token, probability) in law.probabilities.enumerated() where probability > 0 {
            #expect(abs(law.logProb(of: TokenID(token)) - log(probability)) < 1e-12)
        }
    }

    @Test func temperatureZeroIsGreedyAndTiesGoToTheLowestID() {
        let law = AnnealedDistribution(logits: [1, 3, 3, 0], temperature: 0, configuration: Self.sampling())
        #expect(law.probabilities == [0, 1, 0, 0])
        #expect(law.logProb(of: 1) == 0)
        #expect(law.entropy == 0)
    }

    @Test func atLeastTheMostProbableTokenSurvives() {
        let law = AnnealedDistribution(
            logits: Self.logits, temperature: 1, configuration: Self.sampling(topK: 1, topP: 1e-6, minP: 1))
        #expect(law.probabilities == [1, 0, 0, 0, 0, 0])
    }

    @Test func drawsFollowTheLaw() {
        let law = AnnealedDistribution(
            logits: Self.logits, temperature: 1.2, configuration: Self.sampling(topK: 4))
        var counts = [Double](repeating: 0, count: 6)
        var random = PhiloxGenerator(seed: 3)
        for _ in 0..<20000 { counts[Int(law.draw(uniform: Float(random.next() >> 40) * 0x1p-24))] += 1 }
        for (count, probability) in zip(counts, law.probabilities) {
            let deviation = (20000 * probability * (1 - probability)).squareRoot()
            #expect(abs(count - 20000 * probability) <= 4 * deviation)
        }
        #expect(law.draw(uniform: 0) == 0)
        #expect(law.draw(uniform: 1 - 0x1p-24) == 4)
    }

    @Test func removedAndImpossibleTokensAreNeverDrawn() {
        let law = AnnealedDistribution(
            logits: [-.infinity, 0, 0, -.infinity], temperature: 1, configuration: Self.sampling(topK: 3))
        #expect(law.probabilities == [0, 0.5, 0.5, 0])
        #expect(law.logProb(of: 0) == -.infinity)
        #expect(abs(law.entropy - 0.693147180559945) < 1e-12)
        #expect(law.draw(uniform: 0) == 1)
    }
}
