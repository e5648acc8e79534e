import EADAlgorithms
import EADCore
import Testing

struct AlgorithmConfigurationTests {
    @Test func presetsDifferAndSayWhatTheyAre() {
        #expect(Set(AlgorithmPreset.allCases.map(\.configuration)).count == AlgorithmPreset.allCases.count)
        #expect(AlgorithmPreset.allCases.allSatisfy { !$0.summary.isEmpty })
    }

    /// A learner that does not know of an entropy bonus must not train without it.
    @Test func aConfigurationKnowsWhatItNeedsFromTheLearner() {
        let configuration = AlgorithmConfiguration.with {
            $0.loss = .klCov
            $0.klCoefficient = 0.1
            $0.entropyCoefficient = 0.1
            $0.overlongBuffer = 1
            $0.groupFilter = .mixed
        }
        #expect(configuration.needs == Set(AlgorithmNeed.allCases))
        #expect(AlgorithmConfiguration().needs.isEmpty)
        #expect(configuration.trainsWithoutAdvantage && !AlgorithmConfiguration().trainsWithoutAdvantage)
    }
}
