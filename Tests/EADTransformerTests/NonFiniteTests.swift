import EADCore
import EADEngine
import EADModels
import EADTestKit
import Foundation
import Testing

@testable import EADTransformer

/// NaN and infinity are refused and named, and leave nothing behind.
struct NonFiniteTests {
    @Test(arguments: Precision.allCases, [Float.nan, .infinity])
    func weightsAreRefusedByTheirTensor(precision: Precision, bad: Float) throws {
        var model = TestModel.random()
        let layout = ParameterLayout(model.shape)
        let entry = try #require(layout["model.layers.1.mlp.up_proj.weight"])
        model.parameters[entry.offset + 5] = bad
        let place = "weights of policy version 3"
        #expect(throws: EngineError.nonFinite(what: entry.name, place: place)) {
            try model.weights(precision, version: 3)
        }
        #expect(throws: EngineError.nonFinite(what: entry.name, place: "parameters")) {
            try BitEqualityTests.trainer(model, precision)
        }
    }

    @Test func weightsOfAnotherSizeAreRefused() throws {
        var model = TestModel.random()
        model.parameters.removeLast()
        #expect(throws: EngineError.self) { try model.weights(.f32) }
        #expect(throws: EngineError.self) { try BitEqualityTests.trainer(model, .f32) }
    }

    /// Finite weights whose logits overflow.
    static func exploding() throws -> TestModel {
        var model = TestModel.random(tied: false)
        let head = try #require(ParameterLayout(model.shape)["lm_head.weight"])
        for index in head.range { model.parameters[index] *= 3e38 / 20 }
        let norm = try #require(ParameterLayout(model.shape)["model.norm.weight"])
        for index in norm.range { model.parameters[index] *= 1e4 }
        return model
    }

    @Test func logitsAreRefusedWhereTheyAppear() throws {
        let model = try Self.exploding()
        let generator = try GeneratorTests.generator(model)
        try generator.submit(GeneratorTests.request())
        let error = #expect(throws: EngineError.self) { try generator.step() }
        let text = try #require(error).description
        #expect(text.contains("logits") && text.contains("policy version 6") && text.contains("group 0 of step 2"))
        #expect(text.contains("first in the output of lm_head"))

        let trainer = try BitEqualityTests.trainer(model, .f32)
        let group = TrainingGroup(promptTokens: [1, 2], responses: [[3], [4, 5]])
        #expect(throws: EngineError.self) { try trainer.logProbs([group]) }
        #expect(throws: EngineError.self) { try trainer.accumulate([group]) { $0 } }
        #expect(trainer.gradients.allSatisfy { $0 == 0 })
    }

    /// Logits say nothing about where a number first left the range.
    @Test(arguments: [
        ("model.layers.1.self_attn.o_proj", "model.layers.1.self_attn"),
        ("model.layers.1.mlp.down_proj", "model.layers.1.mlp"), ("model.norm", "model.norm"),
    ])
    func thePartThatOverflowsFirstIsNamed(tensor: String, part: String) throws {
        var model = TestModel.random()
        let entry = try #require(ParameterLayout(model.shape)[tensor + ".weight"])
        for index in entry.range { model.parameters[index] = 3e38 }
        let place = "first in the output of \(part),"
        let generator = try GeneratorTests.generator(model)
        try generator.submit(GeneratorTests.request())
        let sampling = #expect(throws: EngineError.self) { try generator.step() }
        #expect(try #require(sampling).description.contains(place), "\(String(describing: sampling))")
        let trainer = try BitEqualityTests.trainer(model, .f32)
        let training = #expect(throws: EngineError.self) {
            try trainer.logProbs([TrainingGroup(promptTokens: [1, 2], responses: [[3], [4, 5]])])
        }
        #expect(try #require(training).description.contains(place), "\(String(describing: training))")
    }

    @Test func aWeightThatOverflowsIsNamed() throws {
        let model = TestModel.random()
        let trainer = try BitEqualityTests.trainer(model, .f32)
        let entry = try #require(trainer.layout["model.layers.1.mlp.up_proj.weight"])
        // A moment that is finite still, and far beyond what any gradient gives.
        var moments = [Float](repeating: 0, count: trainer.layout.count)
        moments[entry.offset + 3] = 3e38
        let zeros = [Float](repeating: 0, count: trainer.layout.count)
        try model.parameters.withUnsafeBufferPointer { parameters in
            try moments.withUnsafeBufferPointer { moments in
                try zeros.withUnsafeBufferPointer { zeros in
                    try trainer.restore(
                        parameters: parameters, firstMoments: moments, secondMoments: zeros, updates: 4)
                }
            }
        }
        #expect(throws: EngineError.nonFinite(what: entry.name, place: "weights after update 5")) {
            try trainer.update(OptimizerConfiguration(learningRate: 1))
        }
    }

    @Test func coefficientsOfAnotherShapeOrNotFiniteAreRefused() throws {
        let trainer = try BitEqualityTests.trainer(TestModel.random(), .f32)
        let group = TrainingGroup(promptTokens: [1, 2], responses: [[3], [4, 5]])
        for bad in [[[[1], [1]]], [[[1], [1, .nan]]], [[[1], [1, -.infinity]]], []] as [[[[Float]]]] {
            #expect(throws: EngineError.self) { try trainer.accumulate([group]) { _ in bad } }
        }
        struct Refusal: Error {}
        #expect(throws: Refusal.self) { try trainer.accumulate([group]) { _ in throw Refusal() } }
        #expect(trainer.gradients.allSatisfy { $0 == 0 })
    }

    @Test func gradientsThatAreNotFiniteChangeNothing() throws {
        let model = TestModel.random()
        let trainer = try BitEqualityTests.trainer(model, .f32)
        let group = TrainingGroup(promptTokens: [1, 2], responses: [[3], [4, 5]])
        try trainer.accumulate([group]) { _ in [[[1e38], [1e38, 3e38]]] }
        let error = #expect(throws: EngineError.self) { try trainer.update(OptimizerConfiguration()) }
        #expect(try #require(error).description.contains("gradients of update 1"))
        #expect(trainer.updates == 0)
        #expect(trainer.parameters.bits == model.parameters.bits)
        #expect(trainer.firstMoments.allSatisfy { $0 == 0 } && trainer.secondMoments.allSatisfy { $0 == 0 })
    }

    @Test func unusableGroupsAreRefused() throws {
        let trainer = try BitEqualityTests.trainer(TestModel.random(contextLength: 32), .f32)
        let unusable = [
            TrainingGroup(promptTokens: [], responses: [[1]]), TrainingGroup(promptTokens: [1], responses: [[]]),
            TrainingGroup(promptTokens: [131], responses: [[1]]), TrainingGroup(promptTokens: [1], responses: [[131]]),
            TrainingGroup(promptTokens: [1], responses: [Array(repeating: 1, count: 32)]),
        ]
        for group in unusable {
            #expect(throws: EngineError.self) { try trainer.logProbs([group]) }
        }
    }
}
