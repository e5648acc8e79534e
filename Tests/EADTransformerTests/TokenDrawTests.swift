import CEADKernels
import EADCore
import EADSampling
import Foundation
import Testing

@testable import EADTransformer

/// The one-pass sampler against the exact law in double precision (`AnnealedDistribution`).
struct TokenDrawTests {
    static func draw(_ logits: [Float], _ draws: [ead_draw], variant: CPUVariant? = nil) throws -> [ead_draw] {
        let device = try Device(variant)
        let compute = try Compute(device, threads: 2)
        try compute.reserve(Int(ead_sample_scratch(logits.count)))
        let rows = try DeviceBuffer(device, Float.self, count: draws.count * logits.count)
        let drawn = try DeviceBuffer(device, ead_draw.self, count: draws.count)
        compute.upload(Array(repeating: logits, count: draws.count).flatMap { $0 }, to: rows.floats)
        compute.upload(draws, to: drawn.pointer(to: ead_draw.self))
        ead_sample(
            compute.pointer,
            ead_sample_args(
                logits: rows.floats.address, logits_stride: logits.count,
                draws: drawn.pointer(to: ead_draw.self).address, rows: draws.count, columns: logits.count))
        var draws = draws
        compute.download(drawn.pointer(to: ead_draw.self), into: &draws)
        return draws
    }

    static func specification(
        _ temperature: Float, _ uniform: Float, topK: Int = 0, topP: Float = 1, minP: Float = 0, greedy: Bool = false
    ) -> ead_draw {
        var draw = ead_draw()
        draw.temperature = temperature
        draw.uniform = uniform
        draw.greedy = greedy ? 1 : 0
        draw.top_k = Int32(topK)
        draw.top_p = topP
        draw.min_p = minP
        return draw
    }

    static func logits(_ count: Int, seed: UInt64, spread: Float) -> [Float] {
        var random = PhiloxGenerator(seed: seed)
        return (0..<count).map { _ in
            let x = Float.random(in: -1...1, using: &random) + Float.random(in: -1...1, using: &random)
            // Steps of 1/16 make ties.
            return (x * spread * 16).rounded() / 16
        }
    }

    @Test(arguments: [(1, 1), (15, 2), (131, 3), (1000, 4), (5003, 5)])
    func everyFilterDrawsFromTheExactLaw(count: Int, seed: Int) throws {
        var random = PhiloxGenerator(seed: UInt64(seed))
        for trial in 0..<40 {
            let logits = Self.logits(count, seed: UInt64(seed * 100 + trial), spread: trial % 2 == 0 ? 3 : 12)
            let topK = [0, 0, 1, 5, 40][trial % 5]
            let topP: Float = [1, 0.9, 0.3, 1][trial % 4]
            let minP: Float = [0, 0.05, 0][trial % 3]
            let temperature: Float = [1, 0.1, 1.2, 0.7][(trial / 2) % 4]
            let law = AnnealedDistribution(
                logits: logits, temperature: temperature,
                configuration: SamplingConfiguration(
                    schedule: .constant(1), topK: topK, topP: topP, minP: minP, maxTokens: 1))
            let policy = AnnealedDistribution(
                logits: logits, temperature: 1,
                configuration: SamplingConfiguration(schedule: .constant(1), maxTokens: 1))
            let uniforms = (0..<20).map { _ in Float(UInt32.random(in: 0..<1 << 24, using: &random)) * 0x1p-24 }
            let draws = try Self.draw(
                logits,
                uniforms.map { Self.specification(temperature, $0, topK: topK, topP: topP, minP: minP) })
            for (draw, uniform) in zip(draws, uniforms) {
                #expect(draw.finite == 1)
                let probability = law.probabilities[Int(draw.token)]
                #expect(probability > 0, "the filters keep what is drawn")
                #expect(abs(Double(draw.behaviour_log_prob) - law.logProb(of: draw.token)) < 2e-5)
                #expect(abs(Double(draw.policy_log_prob) - policy.logProb(of: draw.token)) < 2e-5)
                #expect(abs(Double(draw.entropy) - policy.entropy) < 2e-5)
                #expect(abs(Double(draw.behaviour_entropy) - law.entropy) < 2e-5)
                // The drawn token's interval holds the uniform number, up to rounding at its ends.
                let below = law.probabilities.prefix(Int(draw.token)).reduce(0, +)
                #expect(Double(uniform) > below - 1e-5 && Double(uniform) < below + probability + 1e-5)
            }
        }
    }

    @Test func drawsFollowTheirProbabilities() throws {
        let logits = Self.logits(64, seed: 77, spread: 2)
        for (temperature, topK) in [(Float(1.2), 0), (0.6, 0), (1, 12)] {
            let law = AnnealedDistribution(
                logits: logits, temperature: temperature,
                configuration: SamplingConfiguration(schedule: .constant(1), topK: topK, maxTokens: 1))
            let key = SampleKey(seed: 5, purpose: .training, step: GlobalStep(1), problem: 2, sample: 3)
            let count = 20_000
            let draws = try Self.draw(
                logits, (0..<count).map { Self.specification(temperature, key.uniform(at: $0), topK: topK) })
            var seen = [Double](repeating: 0, count: logits.count)
            for draw in draws { seen[Int(draw.token)] += 1 }
            var chiSquare = 0.0
            var cells = 0.0
            for (observed, probability) in zip(seen, law.probabilities) where probability * Double(count) >= 5 {
                let expected = probability * Double(count)
                chiSquare += (observed - expected) * (observed - expected) / expected
                cells += 1
            }
            // Mean cells - 1, standard deviation sqrt(2 cells): four of them above is one chance in thousands.
            #expect(chiSquare < cells + 4 * (2 * cells).squareRoot())
        }
    }

    @Test func greedyTakesTheLowestOfTheMostProbable() throws {
        var logits = Self.logits(300, seed: 8, spread: 1)
        logits[40] = 9
        logits[41] = 9
        logits[299] = 9
        let draw = try Self.draw(logits, [Self.specification(0, 0, greedy: true)])[0]
        #expect(draw.token == 40 && draw.behaviour_log_prob == 0 && draw.behaviour_entropy == 0)
        #expect(draw.policy_log_prob < 0 && draw.policy_log_prob.isFinite)
    }

    @Test func allVariantsDrawTheSameBits() throws {
        let logits = Self.logits(3001, seed: 9, spread: 5)
        let key = SampleKey(seed: 5, purpose: .training, step: GlobalStep(1), problem: 2, sample: 3)
        let specifications = (0..<50).map {
            Self.specification(
                0.3 + Float($0) / 40, key.uniform(at: $0), topK: $0 % 3 == 0 ? 50 : 0, topP: $0 % 4 == 0 ? 0.8 : 1)
        }
        func bits(_ draw: ead_draw) -> [UInt32] {
            [
                draw.token, draw.behaviour_log_prob.bitPattern, draw.policy_log_prob.bitPattern,
                draw.entropy.bitPattern, draw.behaviour_entropy.bitPattern,
            ]
        }
        let reference = try Self.draw(logits, specifications, variant: .portable).map(bits)
        for variant in CPUVariant.supported {
            #expect(try Self.draw(logits, specifications, variant: variant).map(bits) == reference)
        }
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func oneLogitThatIsNotFiniteIsReported(bad: Float) throws {
        for position in [0, 17, 512, 999] {
            var logits = Self.logits(1000, seed: 10, spread: 1)
            logits[position] = bad
            #expect(try Self.draw(logits, [Self.specification(1, 0.5)])[0].finite == 0)
        }
    }
}
