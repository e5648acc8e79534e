import EADCore
import EADEngine
import EADSampling
import EADTestKit
import Foundation
import Testing

@testable import EADTransformer

/// Against transformers 5.23 in f32 (Fixtures/logits.json); the bounds of the logits are in `AccuracyTests`.
@Suite(.enabled(if: TestModel.real != nil, Comment(rawValue: CachedAssets.advice)))
struct GoldenLogitsTests {
    struct Golden: Decodable {
        struct Prompt: Decodable {
            var ids: [TokenID]
            var top10_ids: [[Int]]
            var top10_logits: [[Float]]
            var logsumexp: [Double]
            var token_logprobs: [Double]
            var probe_logits: [[Float]]
            var greedy_ids: [TokenID]
        }
        var probe_ids: [Int]
        var prompts: [Prompt]
    }

    static func golden() throws -> Golden {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/logits", withExtension: "json"))
        return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    }

    /// Largest error over all golden logits.
    static func error(_ precision: Precision) throws -> (largest: Float, mean: Float) {
        let model = try #require(TestModel.real)
        let golden = try Self.golden()
        var largest: Float = 0
        var sum: Float = 0
        var count: Float = 0
        for prompt in golden.prompts {
            let logits = try model.logits(prompt.ids, precision: precision)
            for (position, row) in logits.enumerated() {
                let pairs =
                    Array(zip(golden.probe_ids, prompt.probe_logits[position]))
                    + zip(prompt.top10_ids[position], prompt.top10_logits[position])
                for (id, expected) in pairs {
                    largest = max(largest, abs(row[id] - expected))
                    sum += abs(row[id] - expected)
                    count += 1
                }
            }
        }
        return (largest, sum / count)
    }

    @Test func greedyTokensEqualTheReference() throws {
        let model = try #require(TestModel.real)
        let generator = try Generator(
            shape: model.shape, configuration: ComputeConfiguration(precision: .f32, threads: 2), lanes: 3,
            tokenBytes: { _ in [] })
        generator.install(try model.weights(.f32))
        let golden = try Self.golden()
        for (slot, prompt) in golden.prompts.enumerated() {
            let key = SampleKey(seed: 1, purpose: .evaluation, step: GlobalStep(0), problem: 0, sample: 0)
            try generator.submit(
                GenerationRequest(
                    id: GroupID(step: GlobalStep(0), slot: UInt32(slot)), promptTokens: prompt.ids,
                    samples: [SampleSpecification(key: key, greedy: true)],
                    sampling: SamplingConfiguration(schedule: .constant(1), maxTokens: prompt.greedy_ids.count),
                    step: GlobalStep(0), stopTokens: [2]))
        }
        var groups: [GeneratedGroup] = []
        while !generator.isIdle { groups += try generator.step() }
        for group in groups {
            #expect(group.samples[0].trace.tokens == golden.prompts[Int(group.id.slot)].greedy_ids)
        }
        #expect(groups.count == golden.prompts.count)
    }
}
