import EADCore
import EADEngine
import EADModels
import Testing

@testable import EADTransformer

/// What is said about memory beforehand is what the engine then allocates.
struct MemoryTests {
    static let groups = GroupSize(promptTokens: 5, responses: 3, responseTokens: 20)

    @Test(arguments: Precision.allCases, [false, true])
    func theLearnersBuffersAreThoseOfATrainerThatTrained(precision: Precision, hasBonus: Bool) throws {
        let model = TestModel.random()
        let configuration = ComputeConfiguration(precision: precision, threads: 2)
        let memory = try LearnerMemory(
            shape: model.shape, configuration: configuration, groups: Self.groups, hasEntropyBonus: hasBonus)
        let device = try Device()
        let trainer = try BitEqualityTests.trainer(model, precision, device: device)
        let batch = try Self.groups.microBatch(model.shape, rowLimit: configuration.rowLimit)
        if hasBonus {
            try trainer.accumulate(batch.source, withEntropies: true) { logProbs, entropies in
                TokenCoefficients(logProbs: logProbs.map { _ in 1 }, entropies: entropies.map { _ in 1 })
            }
        } else {
            try trainer.accumulate(batch.source) { logProbs, _ in TokenCoefficients(logProbs: logProbs.map { _ in 1 }) }
        }
        #expect(memory.state + memory.gradients + memory.panels + memory.batch == device.allocated)
        #expect(memory.state == 3 * trainer.layout.count * 4 && memory.gradients == trainer.layout.count * 4)
        let packing = try Device()
        let panels = try TransposedPanels(WeightPanels(shape: model.shape, precision: precision, packing), packing)
        withExtendedLifetime(panels) { #expect(memory.panels == packing.allocated) }
        let pages = trainer.pages.bytes(promptTokens: 5, responses: 3, responseTokens: 20)
        #expect(memory.batch > batch.source.groups.count * pages)
        #expect(memory.publication == trainer.layout.count * precision.bytesPerParameter)
        #expect(memory.peak >= memory.state + memory.gradients + memory.panels + memory.batch)
    }

    @Test func keysAndValuesTakeThePagesThatAGroupHolds() throws {
        let model = TestModel.random()
        for (prompt, tokens) in [(1, 5), (15, 3), (17, 40), (32, 16)] {
            let generator = try GeneratorTests.generator(model)
            try generator.submit(
                GeneratorTests.request(prompt: Array(repeating: 3, count: prompt), samples: 3, maxTokens: tokens))
            var most = 0
            while !generator.isIdle {
                _ = try generator.step()
                most = max(most, generator.pages.used)
            }
            let bound = generator.pages.bytes(promptTokens: prompt, responses: 3, responseTokens: tokens)
            // The last tokens are not computed any more, so that their pages may not be there.
            #expect(most * generator.pages.pageBytes <= bound, "\(prompt) + \(tokens)")
            #expect(bound - most * generator.pages.pageBytes <= 3 * generator.pages.pageBytes, "\(prompt) + \(tokens)")
        }
    }

    @Test func theWorkersBuffersAreThoseOfAGenerator() throws {
        let model = TestModel.random()
        let configuration = ComputeConfiguration(precision: .bf16, threads: 1)
        func needed(versions: Int) throws -> WorkerMemory {
            try WorkerMemory(
                shape: model.shape, configuration: configuration, lanes: 7, versions: versions, groups: Self.groups)
        }
        let memory = try needed(versions: 1)
        let device = try Device()
        let weights = try model.weights(.bf16, device: device)
        let bytes = ParameterLayout(model.shape).count * 2
        let packed = withExtendedLifetime(weights) { device.allocated }
        #expect(memory.weights == packed + bytes)
        #expect(try needed(versions: 2).weights == 2 * packed + bytes)
        let working = try Device()
        let generator = try Generator(
            shape: model.shape, configuration: configuration, lanes: 7, device: working, tokenBytes: { _ in [] })
        try generator.reserve()
        withExtendedLifetime(generator) { #expect(memory.work == working.allocated) }
        #expect(memory.peak == memory.weights + memory.pages + memory.work)
        // Three groups of three share seven lanes.
        let pages = KeyValuePages(shape: model.shape, precision: .bf16, compute: try Compute(device, threads: 1))
        #expect(memory.pages == 3 * pages.bytes(promptTokens: 5, responses: 3, responseTokens: 20))
    }

    @Test func groupsBeyondTheContextAreRefused() {
        let shape = TestModel.random(contextLength: 24).shape
        let configuration = ComputeConfiguration(precision: .bf16, threads: 1)
        #expect(throws: EngineError.self) {
            try LearnerMemory(shape: shape, configuration: configuration, groups: Self.groups)
        }
        #expect(throws: EngineError.self) {
            try WorkerMemory(shape: shape, configuration: configuration, lanes: 1, versions: 1, groups: Self.groups)
        }
    }
}
