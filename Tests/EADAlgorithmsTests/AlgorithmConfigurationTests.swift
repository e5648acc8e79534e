import EADAlgorithms
import EADCore
import Foundation
import Testing

struct AlgorithmConfigurationTests {
    private func decode(_ text: String) throws -> AlgorithmConfiguration {
        try JSONDecoder().decode(AlgorithmConfiguration.self, from: Data(text.utf8))
    }

    @Test func everyFieldHasADefault() throws {
        #expect(try self.decode("{}") == AlgorithmConfiguration())
        let read = try self.decode("{\"clipHigh\": 0.28, \"correction\": \"token-truncated\", \"correctionCap\": 4}")
        #expect(
            read
                == .with {
                    $0.clipHigh = 0.28
                    $0.correction = .tokenTruncated
                    $0.correctionCap = 4
                })
        #expect(try JSONDecoder().decode(AlgorithmConfiguration.self, from: JSONEncoder().encode(read)) == read)
        #expect(throws: DecodingError.self) { try self.decode("{\"advantage\": \"luck\"}") }
    }

    @Test func presetsAreDefaultsThatFieldsOverride() throws {
        for preset in AlgorithmPreset.allCases {
            #expect(try self.decode("{\"preset\": \"\(preset.rawValue)\"}") == preset.configuration)
            #expect(preset.configuration.problems().isEmpty, "\(preset)")
            #expect(!preset.summary.isEmpty)
        }
        #expect(Set(AlgorithmPreset.allCases.map(\.configuration)).count == AlgorithmPreset.allCases.count)
        let text =
            "{\"preset\": \"dapo\", \"groupFilter\": \"none\", "
            + "\"rejections\": [{\"measure\": \"token-k2\", \"low\": 0, \"high\": 1}]}"
        let read = try self.decode(text)
        #expect(read.clipHigh == 0.28 && read.groupFilter == .none && read.problems().isEmpty)
        #expect(read.rejections == [RejectionMask(measure: .tokenK2, high: 1)])
    }

    @Test func everyImpossibleSettingIsReported() {
        let configuration = AlgorithmConfiguration.with {
            $0.clipLow = 1.5
            $0.clipHigh = -1
            $0.dualClip = 1
            $0.covarianceRatio = 0
            $0.covarianceLow = 5
            $0.covariancePenalty = .infinity
            $0.normTokens = 0
            $0.correctionCap = .nan
            $0.correctionLow = -1
            $0.correctionHigh = -2
            $0.rejections = [
                RejectionMask(measure: .tokenK1, high: 2), RejectionMask(measure: .tokenK2, low: 1, high: 0),
            ]
            $0.klCoefficient = -1
            $0.entropyCoefficient = -1
            $0.overlongBuffer = -1
            $0.overlongFactor = -1
            $0.groupFilterRounds = 0
        }
        #expect(
            configuration.problems().map(\.field) == [
                "clipLow", "clipHigh", "dualClip", "covarianceRatio", "covarianceLow", "covariancePenalty",
                "normTokens",
                "correctionCap", "correctionLow", "correctionHigh", "rejections[0].low", "rejections[1].high",
                "rejections[1].low", "klCoefficient", "entropyCoefficient", "overlongBuffer", "overlongFactor",
                "groupFilterRounds",
            ])
        #expect(AlgorithmConfiguration().problems().isEmpty)
        #expect(AlgorithmConfiguration.with { $0.dualClip = 0 }.problems().isEmpty)
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
        #expect(configuration.problems().isEmpty && AlgorithmConfiguration().needs.isEmpty)
        #expect(configuration.trainsWithoutAdvantage && !AlgorithmConfiguration().trainsWithoutAdvantage)
    }
}
