import EADAlgorithms
import EADCore
import EADEngine
import EADEnvironments
import EADFiles
import EADTelemetry
import EADTestKit
import EADTransformer
import Foundation
import Testing

@testable import EADFineTuning

/// Over the transformer, against numpy (scripts/reference/finetune_curve.py).
@Suite struct GoldenFineTuningTests {
    private struct Curve: Decodable {
        struct Optimizer: Decodable {
            var beta1: Float
            var beta2: Float
            var epsilon: Float
            var weight_decay: Float
            var clip: Float
        }
        var optimizer: Optimizer
        var steps: Int
        var warmup: Int
        var peak: Double
        var floor: Double
        var training: [[String]]
        var held_out: [[String]]
        var losses: [Double]
        var gradient_norms: [Double]
        var rates: [Double]
        var held_out_losses: [Double]
    }

    private static func curve() throws -> Curve {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/curve", withExtension: "json"))
        return try JSONDecoder().decode(Curve.self, from: Data(contentsOf: url))
    }

    private static func withDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let path = FileManager.default.temporaryDirectory.appending(path: "ead-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try TinyModel.write(
            to: path + "/tiny.gguf", layers: 2, hidden: 48, feedForward: 80, heads: 4, keyValueHeads: 2, seed: 11)
        return try await body(path)
    }

    private static func settings(_ curve: Curve, in path: String) throws -> FineTuningSettings {
        let lines = try (curve.training + curve.held_out).map { texts in
            String(decoding: try JSONEncoder().encode(["prompt": texts[0], "response": texts[1]]), as: UTF8.self)
        }
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: path + "/demonstrations.jsonl"))
        var settings = FineTuningSettings(
            origin: .model(path + "/tiny.gguf"), data: path + "/demonstrations.jsonl", heldOut: 2, batch: 64,
            steps: curve.steps, learningRate: curve.peak, warmup: curve.warmup, floor: curve.floor,
            optimizer: OptimizerConfiguration(
                beta1: curve.optimizer.beta1, beta2: curve.optimizer.beta2, epsilon: curve.optimizer.epsilon,
                weightDecay: curve.optimizer.weight_decay, gradientClip: curve.optimizer.clip),
            precision: .f32, microBatchRows: 24, evaluateEvery: 1)
        // Which prompt is held out is a matter of the seed.
        for seed in 0..<200 as Range<UInt64> {
            settings.seed = seed
            let split = try FineTuningPlan(settings).split
            if split.heldOut.map(\.line) == [6, 7] { return settings }
        }
        throw RoleFailure(.software, "no seed holds out the last prompt")
    }

    @Test func lossesRatesAndUpdatesFollowNumpy() async throws {
        let curve = try Self.curve()
        try await Self.withDirectory { path in
            let settings = try Self.settings(curve, in: path)
            let run = FineTuning(settings, directory: path + "/run", engines: TransformerEngines())
            let outcome = try await run.run { _ in }
            #expect(outcome.isFinished)
            let records = try RunLog.read(path: RunLayout(path + "/run").log).records
            let steps = records.filter { $0.kind == .step }.map(\.values)
            #expect(steps.count == curve.steps)
            for (step, values) in steps.enumerated() {
                let loss = try #require(values[\.crossEntropy])
                let norm = try #require(values[\.gradientNorm])
                let rate = try #require(values[\.learningRate])
                #expect(abs(loss / curve.losses[step] - 1) < 1e-4, "step \(step)")
                #expect(abs(norm / curve.gradient_norms[step] - 1) < 1e-3, "step \(step)")
                #expect(abs(rate / curve.rates[step] - 1) < 1e-14, "step \(step)")
            }
            let looks = records.filter { $0.kind == .evaluation }.compactMap { $0.values[\.heldOutLoss] }
            #expect(looks.count == curve.steps + 1)
            for (found, wanted) in zip(looks, curve.held_out_losses) { #expect(abs(found / wanted - 1) < 1e-4) }
        }
    }

    @Test func threadsChangeNoByte() async throws {
        let curve = try Self.curve()
        try await Self.withDirectory { path in
            var digests: Set<String> = []
            for threads in 1...3 {
                var settings = try Self.settings(curve, in: path)
                settings.precision = .bf16
                settings.threads = threads
                let run = FineTuning(settings, directory: path + "/\(threads)", engines: TransformerEngines())
                digests.insert(try #require(try await run.run { _ in }.checkpoint?.modelDigest))
            }
            #expect(digests.count == 1)
        }
    }
}
