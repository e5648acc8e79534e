import EADCore
import EADEngine
import EADModels
import EADSampling
import EADTestKit
import Foundation
import Testing

@testable import EADTransformer

/// Log-probabilities at sampling are the trainer's, bit for bit, however either of them was scheduled.
struct BitEqualityTests {
    static let schedule = TemperatureSchedule.annealed(AnnealedSchedule(initialDecay: 8, decayGrowth: 0, warmup: 10))

    /// Requests with prompts of many lengths, each with `samples` responses.
    static func requests(
        _ model: TestModel, groups: Int, samples: Int, maxTokens: Int, seed: UInt64 = 3
    ) -> [GenerationRequest] {
        var random = PhiloxGenerator(seed: seed)
        return (0..<groups).map { group in
            let length = Int.random(in: 1...40, using: &random)
            return GenerationRequest(
                id: GroupID(step: GlobalStep(4), slot: UInt32(group)),
                promptTokens: (0..<length).map { _ in
                    TokenID.random(in: 0..<TokenID(model.shape.vocabulary), using: &random)
                },
                samples: (0..<samples).map {
                    SampleSpecification(
                        key: SampleKey(
                            seed: 9, purpose: .training, step: GlobalStep(4), problem: UInt32(group),
                            sample: UInt32($0)))
                },
                sampling: SamplingConfiguration(schedule: Self.schedule, maxTokens: maxTokens), step: GlobalStep(4),
                stopTokens: [7, 8])
        }
    }

    static func generate(
        _ model: TestModel, _ precision: Precision, _ requests: [GenerationRequest], threads: Int = 1, lanes: Int,
        prefillRows: Int = 512, logitRows: Int = 64
    ) throws -> [GroupID: GeneratedGroup] {
        let generator = try Generator(
            shape: model.shape,
            configuration: ComputeConfiguration(precision: precision, threads: threads, logitRows: logitRows),
            lanes: lanes, tokenBytes: { _ in [] })
        generator.prefillRows = prefillRows
        generator.install(try model.weights(precision))
        for request in requests { try generator.submit(request) }
        var groups: [GroupID: GeneratedGroup] = [:]
        while !generator.isIdle {
            for group in try generator.step() { groups[group.id] = group }
        }
        return groups
    }

    static func trainingGroups(
        _ requests: [GenerationRequest], _ groups: [GroupID: GeneratedGroup]
    ) throws -> [TrainingGroup] {
        try requests.map { request in
            TrainingGroup(
                promptTokens: request.promptTokens,
                responses: try #require(groups[request.id]).samples.map(\.trace.tokens))
        }
    }

    static func trainer(
        _ model: TestModel, _ precision: Precision, threads: Int = 1, rowLimit: Int = 1024, logitRows: Int = 64,
        device: Device? = nil
    ) throws -> Trainer {
        try model.parameters.withUnsafeBufferPointer {
            try Trainer(
                shape: model.shape,
                configuration: ComputeConfiguration(
                    precision: precision, threads: threads, rowLimit: rowLimit, logitRows: logitRows),
                device: device ?? Device(), parameters: $0)
        }
    }

    @Test(arguments: Precision.allCases, [true, false])
    func samplingEqualsTrainingForEverySchedule(precision: Precision, tied: Bool) throws {
        let model = TestModel.random(tied: tied)
        let requests = Self.requests(model, groups: 9, samples: 5, maxTokens: 30)
        let reference = try Self.generate(model, precision, requests, lanes: 1)
        let groups = try Self.trainingGroups(requests, reference)
        let recorded = requests.map { reference[$0.id]?.samples.map { $0.trace[.policyLogProb] } ?? [] }
        for (threads, lanes, prefillRows) in [(1, 2, 512), (2, 7, 16), (3, 16, 1), (4, 70, 5)] {
            let other = try Self.generate(
                model, precision, requests.reversed(), threads: threads, lanes: lanes, prefillRows: prefillRows)
            #expect(other == reference, "threads \(threads), lanes \(lanes), prefill rows \(prefillRows)")
        }
        for threads in 1...4 {
            let trainer = try Self.trainer(model, precision, threads: threads)
            let whole = try trainer.logProbs(groups)
            #expect(whole.map { $0.map(\.bits) } == recorded.map { $0.map(\.bits) })
            let single = try groups.flatMap { try trainer.logProbs([$0]) }
            #expect(single.map { $0.map(\.bits) } == recorded.map { $0.map(\.bits) })
            // Without the shared prefix: every response with a copy of the prompt.
            for (group, expected) in zip(groups, recorded) {
                let copies = group.responses.map {
                    TrainingGroup(promptTokens: group.promptTokens, responses: [$0])
                }
                #expect(try trainer.logProbs(copies).map { $0[0].bits } == expected.map(\.bits))
            }
        }
    }

    /// Groups of two policies, decoded side by side: each has the bits that it has alone.
    @Test(arguments: Precision.allCases)
    func groupsSampledAcrossAnInstallEqualThoseSampledAlone(precision: Precision) throws {
        let models = [TestModel.random(), TestModel.random(seed: 6)]
        let requests = Self.requests(models[0], groups: 9, samples: 4, maxTokens: 24)
        let alone = try models.map { try Self.generate($0, precision, requests, lanes: 1) }
        for (threads, lanes, prefillRows, logitRows) in [(1, 3, 512, 64), (2, 11, 16, 5), (3, 40, 7, 1)] {
            let generator = try Generator(
                shape: models[0].shape,
                configuration: ComputeConfiguration(precision: precision, threads: threads, logitRows: logitRows),
                lanes: lanes, tokenBytes: { _ in [] })
            generator.prefillRows = prefillRows
            generator.install(try models[0].weights(precision, version: 0))
            for request in requests.prefix(4) { try generator.submit(request) }
            var groups: [GeneratedGroup] = []
            for _ in 0..<5 { groups += try generator.step() }
            generator.install(try models[1].weights(precision, version: 1), keeping: [PolicyVersion(0)])
            for (index, request) in requests.dropFirst(4).enumerated() {
                try generator.submit(request, with: PolicyVersion(index == 2 ? 0 : 1))
            }
            while !generator.isIdle { groups += try generator.step() }
            #expect(groups.count == 9 && groups.map(\.version.rawValue).reduce(0, +) == 4)
            for group in groups {
                #expect(
                    group.samples == alone[Int(group.version.rawValue)][group.id]?.samples,
                    "\(group.id), threads \(threads), lanes \(lanes)")
            }
            // The older one is given up, and the newer goes on.
            generator.install(try models[0].weights(precision, version: 2), keeping: [PolicyVersion(1)])
            try generator.submit(requests[0])
            try generator.submit(requests[1], with: PolicyVersion(1))
            while !generator.isIdle { groups += try generator.step() }
            #expect(
                groups.suffix(2).allSatisfy {
                    $0.samples == alone[Int($0.version.rawValue) % 2][$0.id]?.samples
                })
        }
    }

    @Test(arguments: Family.all.map(\.name), Precision.allCases)
    func samplingEqualsTrainingInEveryFamily(family: FamilyName, precision: Precision) throws {
        let model = TestModel.random(family: family, tied: false)
        let requests = Self.requests(model, groups: 4, samples: 3, maxTokens: 16)
        let sampled = try Self.generate(model, precision, requests, lanes: 5, prefillRows: 9)
        #expect(try Self.generate(model, precision, requests.reversed(), threads: 2, lanes: 12) == sampled)
        let logProbs = try Self.trainer(model, precision, threads: 2).logProbs(Self.trainingGroups(requests, sampled))
        let recorded = requests.map { sampled[$0.id]?.samples.map { $0.trace[.policyLogProb].bits } ?? [] }
        #expect(logProbs.map { $0.map(\.bits) } == recorded)
    }

    @Test(arguments: ModelShapeTests.options.indices, Precision.allCases)
    func samplingEqualsTrainingWithEveryOption(index: Int, precision: Precision) throws {
        let model = ModelShapeTests.options[index]
        let requests = Self.requests(model, groups: 4, samples: 3, maxTokens: 16)
        let sampled = try Self.generate(model, precision, requests, lanes: 5, prefillRows: 9)
        #expect(try Self.generate(model, precision, requests.reversed(), threads: 2, lanes: 12) == sampled)
        let logProbs = try Self.trainer(model, precision, threads: 2).logProbs(Self.trainingGroups(requests, sampled))
        let recorded = requests.map { sampled[$0.id]?.samples.map { $0.trace[.policyLogProb].bits } ?? [] }
        #expect(logProbs.map { $0.map(\.bits) } == recorded)
    }

    @Test(arguments: Precision.allCases)
    func gradientsHaveTheSameBitsForAnyNumberOfThreads(precision: Precision) throws {
        let model = TestModel.random()
        let requests = Self.requests(model, groups: 5, samples: 4, maxTokens: 20)
        let groups = try Self.trainingGroups(requests, try Self.generate(model, precision, requests, lanes: 8))
        var reference: [UInt32]?
        for threads in 1...4 {
            let trainer = try Self.trainer(model, precision, threads: threads, rowLimit: 120)
            for range in trainer.microBatches(of: TokenBatch(groups)) {
                try trainer.accumulate(Array(groups[range])) { logProbs in
                    logProbs.map { $0.enumerated().map { index, row in row.map { $0 * 0.1 + Float(index) - 1 } } }
                }
            }
            let bits = trainer.gradients.bits
            if let reference { #expect(bits == reference) } else { reference = bits }
            #expect(bits.contains { $0 != 0 })
        }
    }

    /// Logits are computed for a few rows at a time, for as many as memory is given to.
    @Test(arguments: Precision.allCases)
    func rowsOfLogitsInMemoryChangeNoBits(precision: Precision) throws {
        let model = TestModel.random()
        let requests = Self.requests(model, groups: 4, samples: 5, maxTokens: 20)
        let reference = try Self.generate(model, precision, requests, lanes: 16)
        let groups = try Self.trainingGroups(requests, reference)
        var gradients: [[UInt32]] = []
        for logitRows in [1, 7, 64, 1000] {
            let sampled = try Self.generate(model, precision, requests, lanes: 16, logitRows: logitRows)
            #expect(sampled == reference, "\(logitRows) rows")
            let trainer = try Self.trainer(model, precision, logitRows: logitRows)
            try trainer.accumulate(groups) { $0.map { $0.map { $0.map { $0 * 0.1 - 1 } } } }
            gradients.append(trainer.gradients.bits)
        }
        #expect(Set(gradients).count == 1)
    }

    @Test(
        .enabled(if: TestModel.real != nil, Comment(rawValue: CachedAssets.advice)), arguments: Precision.allCases)
    func samplingEqualsTrainingOnTheRealModel(precision: Precision) throws {
        let model = try #require(TestModel.real)
        let requests = Self.requests(model, groups: 3, samples: 4, maxTokens: 10)
        let reference = try Self.generate(model, precision, requests, threads: 2, lanes: 12)
        let other = try Self.generate(model, precision, requests.reversed(), threads: 1, lanes: 5, prefillRows: 9)
        #expect(other == reference)
        let groups = try Self.trainingGroups(requests, reference)
        let logProbs = try Self.trainer(model, precision, threads: 2).logProbs(groups)
        let recorded = requests.map { reference[$0.id]?.samples.map { $0.trace[.policyLogProb].bits } ?? [] }
        #expect(logProbs.map { $0.map(\.bits) } == recorded)
    }
}
