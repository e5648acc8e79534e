import EADCore
import EADEngine
import EADSampling
import Testing

@testable import EADTransformer

/// The same responses through batches of every size: in another order, cut into other groups, with other threads, other
/// chunks of the prompts and lanes that are refilled. Each must have the bits it has alone, at sampling and in training.
struct BatchMatrixTests {
    static let models = [
        TestModel.random(
            layers: 2, hidden: 22, feedForward: 34, heads: 4, keyValueHeads: 2, headSize: 6, vocabulary: 67,
            contextLength: 48, tied: true, seed: 21),
        TestModel.random(
            layers: 1, hidden: 50, feedForward: 19, heads: 3, keyValueHeads: 1, headSize: 18, vocabulary: 97,
            contextLength: 48, tied: false, bias: true, seed: 22),
    ]

    /// A response by what determines it: the place of its prompt and its own.
    struct Response: Hashable {
        var prompt: Int
        var sample: Int
    }

    static let promptLengths = [1, 2, 15, 16, 17, 5, 33]
    static let largestBatch = 70
    /// More responses than lanes in the largest batch, so that some wait for a lane.
    static let responses = (0..<84).map { Response(prompt: $0 % promptLengths.count, sample: $0 / promptLengths.count) }

    static func request(_ slot: Int, _ responses: [Response], _ model: TestModel) -> GenerationRequest {
        let prompt = responses[0].prompt
        return GenerationRequest(
            id: GroupID(step: GlobalStep(4), slot: UInt32(slot)),
            promptTokens: ModelShapeTests.tokens(Self.promptLengths[prompt], model, seed: UInt64(prompt + 1)),
            samples: responses.map {
                SampleSpecification(
                    key: SampleKey(
                        seed: 9, purpose: .training, step: GlobalStep(4), problem: UInt32($0.prompt),
                        sample: UInt32($0.sample)))
            },
            sampling: SamplingConfiguration(schedule: BitEqualityTests.schedule, maxTokens: 2 + prompt % 4),
            step: GlobalStep(4), stopTokens: [7, 8, 9])
    }

    /// Cuts responses in this order into groups of one prompt each: sometimes the prompt is shared, sometimes not.
    static func groups(_ responses: [Response], using random: inout PhiloxGenerator) -> [[Response]] {
        var groups: [[Response]] = []
        for response in responses {
            let open = groups.lastIndex { $0[0].prompt == response.prompt }
            if let open, Int.random(in: 0..<10, using: &random) < 7 {
                groups[open].append(response)
            } else {
                groups.append([response])
            }
        }
        return groups
    }

    static func sample(
        _ groups: [[Response]], _ model: TestModel, _ weights: PolicyWeights, threads: Int, lanes: Int,
        prefillRows: Int
    ) throws -> [GeneratedGroup] {
        let generator = try Generator(
            shape: model.shape, configuration: ComputeConfiguration(precision: weights.precision, threads: threads),
            lanes: lanes, device: weights.device, tokenBytes: { _ in [] })
        generator.prefillRows = prefillRows
        generator.install(weights)
        for (slot, group) in groups.enumerated() { try generator.submit(Self.request(slot, group, model)) }
        var complete: [GeneratedGroup] = []
        while !generator.isIdle { complete += try generator.step() }
        return complete.sorted { $0.id.slot < $1.id.slot }
    }

    @Test(arguments: CPUVariant.supported, Precision.allCases)
    func samplingEqualsTrainingInBatchesOfEverySize(variant: CPUVariant, precision: Precision) throws {
        for (index, model) in Self.models.enumerated() {
            let weights = try model.weights(precision, device: Device(variant))
            // Each alone, by the plainest kernels.
            let alone = try Self.sample(
                Self.responses.map { [$0] }, model, try model.weights(precision, device: Device(.portable)), threads: 1,
                lanes: 1, prefillRows: 512)
            let reference = Dictionary(uniqueKeysWithValues: zip(Self.responses, alone.map { $0.samples[0] }))
            let trainers = try (1...4).map {
                try BitEqualityTests.trainer(model, precision, threads: $0, device: Device(variant))
            }
            var random = PhiloxGenerator(seed: UInt64(31 + index))
            for batch in 1...Self.largestBatch {
                let responses = Self.responses.shuffled(using: &random).prefix(batch + 5)
                let groups = Self.groups(Array(responses), using: &random)
                let threads = Int.random(in: 1...4, using: &random)
                let prefillRows = [512, 16, 7, 1][Int.random(in: 0..<4, using: &random)]
                let place: Comment = "model \(index), batch \(batch), threads \(threads), prefill \(prefillRows)"
                let sampled = try Self.sample(
                    groups, model, weights, threads: threads, lanes: batch, prefillRows: prefillRows)
                #expect(sampled.map(\.samples) == groups.map { $0.compactMap { reference[$0] } }, place)
                let logProbs = try trainers[batch % 4].logProbs(
                    zip(groups, sampled).map { group, sampled in
                        TrainingGroup(
                            promptTokens: Self.request(0, group, model).promptTokens,
                            responses: sampled.samples.map(\.trace.tokens))
                    })
                #expect(
                    logProbs.map { $0.map(\.bits) } == sampled.map { $0.samples.map { $0.trace[.policyLogProb].bits } },
                    place)
            }
        }
    }

    /// The reference would also hold if nothing was drawn, or always the same.
    @Test func theResponsesOfTheMatrixDiffer() throws {
        for model in Self.models {
            let alone = try Self.sample(
                Self.responses.map { [$0] }, model, try model.weights(.f32, device: Device(.portable)), threads: 1,
                lanes: 1,
                prefillRows: 512)
            #expect(alone.count == Self.responses.count)
            #expect(Set(alone.map { $0.samples[0].trace.tokens }).count > Self.responses.count * 3 / 4)
            #expect(Set(alone.map { $0.samples[0].trace.tokens.count }) == [1, 2, 3, 4, 5])
        }
    }
}
