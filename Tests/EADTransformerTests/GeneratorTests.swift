import EADCore
import EADEngine
import EADSampling
import Foundation
import Testing

@testable import EADTransformer

struct GeneratorTests {
    static func generator(_ model: TestModel, lanes: Int = 4) throws -> Generator {
        let generator = try Generator(
            shape: model.shape, configuration: ComputeConfiguration(precision: .f32, threads: 2), lanes: lanes,
            tokenBytes: { [UInt8(ascii: "a") + UInt8($0 % 26)] })
        generator.install(try model.weights(.f32, version: 6))
        return generator
    }

    static func request(
        _ slot: UInt32 = 0, prompt: [TokenID] = [1, 2, 3], samples: Int = 2, maxTokens: Int = 12,
        stopTokens: Set<TokenID> = [], stopStrings: [String] = []
    ) -> GenerationRequest {
        GenerationRequest(
            id: GroupID(step: GlobalStep(2), slot: slot), promptTokens: prompt,
            samples: (0..<samples).map {
                SampleSpecification(
                    key: SampleKey(
                        seed: 1, purpose: .training, step: GlobalStep(2), problem: slot, sample: UInt32($0)))
            },
            sampling: SamplingConfiguration(
                schedule: .annealed(AnnealedSchedule(initialDecay: 4, decayGrowth: 0)), maxTokens: maxTokens,
                stopStrings: stopStrings),
            step: GlobalStep(2), stopTokens: stopTokens)
    }

    static func all(_ generator: Generator) throws -> [GeneratedGroup] {
        var groups: [GeneratedGroup] = []
        while !generator.isIdle { groups += try generator.step() }
        return groups
    }

    @Test func freeSlotsAreRefilledAtOnce() throws {
        let model = TestModel.random()
        let generator = try Self.generator(model, lanes: 3)
        for slot in 0..<4 { try generator.submit(Self.request(UInt32(slot), samples: 3, maxTokens: 3 + slot)) }
        var steps = 0
        var groups: [GeneratedGroup] = []
        while !generator.isIdle {
            groups += try generator.step()
            steps += 1
        }
        // 3 samples each of 3, 4, 5 and 6 tokens through 3 lanes, without a pause.
        #expect(steps == 18)
        #expect(generator.tokensGenerated == 54)
        #expect(generator.promptTokensProcessed == 12)
        #expect(groups.map(\.version) == Array(repeating: PolicyVersion(6), count: 4))
        #expect(generator.progress.value > 0)
    }

    @Test func everyTokenIsRecordedWithItsTemperatureAndBothLogProbs() throws {
        let model = TestModel.random()
        let generator = try Self.generator(model)
        let request = Self.request()
        try generator.submit(request)
        let sample = try #require(try Self.all(generator).first).samples[1]
        #expect(sample.finish == .length && sample.trace.tokens.count == 12)
        for (position, temperature) in sample.trace[.temperature].enumerated() {
            #expect(temperature == request.sampling.schedule.temperature(at: position, step: request.step))
        }
        let logits = try model.logits(request.promptTokens + sample.trace.tokens, precision: .f32)
        for (position, token) in sample.trace.tokens.enumerated() {
            let row = logits[request.promptTokens.count - 1 + position]
            let law = AnnealedDistribution(
                logits: row, temperature: sample.trace[.temperature][position], configuration: request.sampling)
            #expect(abs(Double(sample.trace[.behaviourLogProb][position]) - law.logProb(of: token)) < 1e-5)
            let policy = AnnealedDistribution(logits: row, temperature: 1, configuration: request.sampling)
            #expect(abs(Double(sample.trace[.policyLogProb][position]) - policy.logProb(of: token)) < 1e-5)
            #expect(abs(Double(sample.trace[.policyEntropy][position]) - policy.entropy) < 1e-5)
        }
    }

    @Test func greedySamplesHaveTemperatureZeroAndTheMostProbableTokens() throws {
        let model = TestModel.random()
        let generator = try Self.generator(model)
        var request = Self.request(samples: 1)
        request.samples[0].greedy = true
        try generator.submit(request)
        let sample = try #require(try Self.all(generator).first).samples[0]
        #expect(
            sample.trace[.temperature].allSatisfy { $0 == 0 } && sample.trace[.behaviourLogProb].allSatisfy { $0 == 0 })
        let logits = try model.logits(request.promptTokens + sample.trace.tokens, precision: .f32)
        for (position, token) in sample.trace.tokens.enumerated() {
            let row = logits[request.promptTokens.count - 1 + position]
            #expect(row[Int(token)] == row.max())
        }
    }

    @Test func stopTokensAndStopStringsEndAResponseWithTheTokenThatMeetsThem() throws {
        let model = TestModel.random()
        let free = try Self.generator(model)
        try free.submit(Self.request(maxTokens: 30))
        let tokens = try #require(try Self.all(free).first).samples[0].trace.tokens
        let stop = tokens[9]
        let end = try #require(tokens.firstIndex(of: stop))

        let generator = try Self.generator(model)
        try generator.submit(Self.request(0, maxTokens: 30, stopTokens: [stop]))
        let text = String(decoding: tokens[4..<7].map { UInt8(ascii: "a") + UInt8($0 % 26) }, as: UTF8.self)
        let whole = String(decoding: tokens.map { UInt8(ascii: "a") + UInt8($0 % 26) }, as: UTF8.self)
        let groups = try Self.all(generator)
        let sample = groups[0].samples[0]
        #expect(sample.trace.tokens == Array(tokens[...end]) && sample.finish == .stopToken)

        try generator.submit(Self.request(0, maxTokens: 30, stopStrings: ["never", text]))
        let stopped = try #require(try Self.all(generator).first).samples[0]
        let found = try #require(whole.range(of: text)).upperBound
        #expect(stopped.trace.tokens.count == whole.distance(from: whole.startIndex, to: found))
        #expect(stopped.finish == .stopString)
    }

    @Test func unusableRequestsAreRefused() throws {
        let generator = try Self.generator(TestModel.random())
        #expect(throws: EngineError.emptyPrompt(place: "group 0 of step 2")) {
            try generator.submit(Self.request(prompt: []))
        }
        #expect(throws: EngineError.tokenOutOfRange(token: 131, vocabulary: 131, place: "group 0 of step 2")) {
            try generator.submit(Self.request(prompt: [130, 131]))
        }
        #expect(throws: EngineError.contextOverflow(tokens: 161, context: 160, place: "group 0 of step 2")) {
            try generator.submit(Self.request(maxTokens: 158))
        }
        #expect(throws: EngineError.self) { try generator.submit(Self.request(maxTokens: 0)) }
        #expect(throws: EngineError.self) { try generator.submit(Self.request(maxTokens: .max)) }
        #expect(generator.isIdle)
    }

    @Test func aCancelledGroupLeavesNoTraceInTheOthers() throws {
        let model = TestModel.random()
        let calm = try Self.generator(model, lanes: 2)
        try calm.submit(Self.request(1, samples: 3))
        let expected = try Self.all(calm)

        let generator = try Self.generator(model, lanes: 2)
        for slot in 0..<3 { try generator.submit(Self.request(UInt32(slot), samples: 3)) }
        for _ in 0..<3 { #expect(try generator.step().isEmpty) }
        generator.cancel(GroupID(step: GlobalStep(2), slot: 0))
        generator.cancel(GroupID(step: GlobalStep(2), slot: 2))
        #expect(try Self.all(generator) == expected)
    }

    @Test func aPromptThatFillsTheContextHasRoomForOneToken() throws {
        let model = TestModel.random(contextLength: 40)
        let generator = try Self.generator(model)
        let prompt = (0..<39).map { TokenID($0) }
        try generator.submit(Self.request(prompt: prompt, maxTokens: 1))
        #expect(try Self.all(generator)[0].samples.map(\.trace.count) == [1, 1])
    }
}
