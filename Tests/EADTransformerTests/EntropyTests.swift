import EADCore
import EADEngine
import EADSampling
import EADTestKit
import Foundation
import Testing

@testable import EADTransformer

/// Entropies of the training pass, and the gradient of a loss that depends on them.
struct EntropyTests {
    static let group = TrainingGroup(promptTokens: [5, 6, 7, 8], responses: [[1, 2, 3], [4, 9, 9, 9]])
    static let coefficients: [[Float]] = [[0.5, -1, 0.25], [1, 0.75, -0.5, 0.1]]
    static let entropyCoefficients: [[Float]] = [[-0.3, 0.6, 0], [1.5, -0.2, 0.4, -1]]

    @Test(arguments: [true, false])
    func theGradientIsThatOfTheFormula(tied: Bool) throws {
        let model = TestModel.random(tied: tied)
        let trainer = try BitEqualityTests.trainer(model, .f32, threads: 2)
        try trainer.accumulate([Self.group]) { _, entropies in
            let naive = NaiveModel(model).entropy(Self.group, Self.coefficients)
            let sum = zip(entropies[0], Self.coefficients).reduce(0.0) { sum, pair in
                sum + zip(pair.0, pair.1).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            }
            #expect(abs(sum - naive) < 1e-4)
            return ([Self.coefficients], [Self.entropyCoefficients])
        }
        NaiveModel(model).expectGradients(of: trainer) { naive in
            naive.objective(Self.group, Self.coefficients) + naive.entropy(Self.group, Self.entropyCoefficients)
        }
    }

    @Test(arguments: Precision.allCases)
    func theyHaveTheSameBitsForAnyThreadsAndVariantAndAtSampling(precision: Precision) throws {
        let model = TestModel.random()
        let requests = BitEqualityTests.requests(model, groups: 5, samples: 4, maxTokens: 20)
        let sampled = try BitEqualityTests.generate(model, precision, requests, lanes: 8)
        let groups = try BitEqualityTests.trainingGroups(requests, sampled)
        let recorded = requests.map { sampled[$0.id]?.samples.map { $0.trace[.policyEntropy].bits } ?? [] }
        var reference: [UInt32]?
        for (threads, variant) in [(1, nil), (2, nil), (3, nil)] + CPUVariant.supported.map({ (2, $0) }) {
            let trainer = try BitEqualityTests.trainer(model, precision, threads: threads, device: Device(variant))
            try trainer.accumulate(groups) { logProbs, entropies in
                #expect(entropies.map { $0.map(\.bits) } == recorded)
                return (
                    logProbs.map { $0.map { $0.map { $0 * 0.1 } } }, entropies.map { $0.map { $0.map { 1 - $0 } } }
                )
            }
            let bits = trainer.gradients.bits
            if let reference { #expect(bits == reference) } else { reference = bits }
        }
        #expect(recorded.joined().joined().contains { $0 != 0 })
    }

    /// In bf16 the entropy's part is rounded on its own and with the sum.
    @Test(arguments: Precision.allCases)
    func withoutACoefficientNothingIsAdded(precision: Precision) throws {
        let model = TestModel.random()
        let plain = try BitEqualityTests.trainer(model, precision)
        let other = try BitEqualityTests.trainer(model, precision)
        try plain.accumulate([Self.group]) { _ in [Self.coefficients] }
        try other.accumulate([Self.group]) { _, entropies in
            ([Self.coefficients], entropies.map { $0.map { $0.map { _ in 0 } } })
        }
        func norm(_ values: some Sequence<Float>) -> Float { sqrt(values.reduce(0) { $0 + $1 * $1 }) }
        let difference = norm(zip(plain.gradients, other.gradients).map { $0 - $1 })
        #expect(difference <= (precision == .f32 ? 1e-6 : 0.01) * norm(plain.gradients))
    }

    @Test(arguments: Precision.allCases)
    func otherWeightsAreEvaluatedWithoutTouchingThoseInTraining(precision: Precision) throws {
        let reference = TestModel.random(seed: 6)
        let trainer = try BitEqualityTests.trainer(TestModel.random(), precision)
        let own = try trainer.logProbs([Self.group])
        let other = try trainer.logProbs([Self.group], under: try reference.weights(precision))
        let expected = try BitEqualityTests.trainer(reference, precision).logProbs([Self.group])
        #expect(other[0].map(\.bits) == expected[0].map(\.bits))
        #expect(try trainer.logProbs([Self.group])[0].map(\.bits) == own[0].map(\.bits))
        #expect(own[0].map(\.bits) != other[0].map(\.bits))
    }
}
