import EADCore
import EADEngine
import EADModels
import EADSampling
import Testing

@testable import EADTransformer

/// The engine on a device whose addresses the host cannot follow and whose operations check every operand: a host access
/// would fault, and memory that is not the device's, or not all of it, would be refused.
struct DistantMemoryTests {
    static func device() throws -> Device { try Device(bias: DeviceTests.bias) }

    static func generate(_ model: TestModel, _ precision: Precision, _ device: Device) throws -> [GeneratedGroup] {
        let generator = try Generator(
            shape: model.shape, configuration: ComputeConfiguration(precision: precision, threads: 2, logitRows: 3),
            lanes: 5, device: device, tokenBytes: { _ in [] })
        generator.prefillRows = 16
        generator.install(try model.weights(precision, device: device))
        for request in BitEqualityTests.requests(model, groups: 6, samples: 3, maxTokens: 24) {
            try generator.submit(request)
        }
        var groups: [GeneratedGroup] = []
        while !generator.isIdle { groups += try generator.step() }
        return groups.sorted { $0.id.slot < $1.id.slot }
    }

    /// Two updates with and without entropies, one after the state was carried to another trainer, and what all of it left.
    static func train(_ model: TestModel, _ precision: Precision, _ device: Device) throws -> [[UInt32]] {
        let first = try BitEqualityTests.trainer(model, precision, threads: 2, logitRows: 5, device: device)
        let (group, coefficients) = ModelShapeTests.group(model)
        let groups = [group, group]
        let reference = try model.weights(precision, device: device)
        var found = try first.logProbs(groups, under: reference).flatMap { $0.map(\.bits) }
        try first.accumulate(groups) { _ in [coefficients, coefficients] }
        found.append(first.gradients.bits)
        _ = try first.update(OptimizerConfiguration(learningRate: 1e-2))
        let trainer = try BitEqualityTests.trainer(model, precision, threads: 2, device: device)
        try first.parameters.withUnsafeBufferPointer { parameters in
            try first.firstMoments.withUnsafeBufferPointer { moments in
                try first.secondMoments.withUnsafeBufferPointer { squares in
                    try trainer.restore(
                        parameters: parameters, firstMoments: moments, secondMoments: squares, updates: 1)
                }
            }
        }
        try trainer.accumulate([group]) { _, entropies in ([coefficients], entropies) }
        _ = try trainer.update(OptimizerConfiguration(learningRate: 1e-2))
        found += Trainer.State.allCases.map { trainer.download($0).bits }
        var policy = [UInt8](repeating: 0, count: trainer.layout.count * precision.bytesPerParameter)
        policy.withUnsafeMutableBytes { trainer.exportPolicy(into: $0) }
        return found + [policy.map { UInt32($0) }]
    }

    @Test(arguments: Precision.allCases, [false, true])
    func samplingAndTrainingGiveTheSameBits(precision: Precision, tied: Bool) throws {
        let model = TestModel.random(tied: tied, bias: !tied)
        let distant = try Self.device()
        #expect(try Self.generate(model, precision, distant) == Self.generate(model, precision, Device()))
        #expect(try Self.train(model, precision, distant) == Self.train(model, precision, Device()))
        #expect(distant.allocated == 0, "all memory was given back")
    }

    @Test func theFirstFaultIsFound() throws {
        var model = TestModel.random()
        let entry = try #require(ParameterLayout(model.shape)["model.layers.1.mlp.down_proj.weight"])
        for index in entry.range { model.parameters[index] = 3e38 }
        let trainer = try BitEqualityTests.trainer(model, .f32, device: Self.device())
        let error = #expect(throws: EngineError.self) { _ = try trainer.logProbs([ModelShapeTests.group(model).0]) }
        #expect(try #require(error).description.contains("model.layers.1.mlp"))
    }

    @Test func weightsOfAnotherDeviceAreNotReadable() throws {
        let (near, distant) = (try Device(), try Self.device())
        #expect(try near.isReadable(by: Device()) && distant.isReadable(by: distant))
        #expect(
            try !near.isReadable(by: distant) && !distant.isReadable(by: near) && !distant.isReadable(by: Self.device())
        )
    }
}
