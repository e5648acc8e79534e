import EADAlgorithms
import EADCore
import EADEngine
import EADFiles
import EADModels
import EADTelemetry
import EADTestKit
import Foundation
import Testing

@testable import EADFineTuning

/// Over an engine that computes nothing; what an engine computes of it is looked at over the transformer.
@Suite struct FineTuningTests {
    /// A directory with a tiny model and demonstrations.
    private func withDirectory<Result>(
        _ body: (String, FineTuningSettings) async throws -> Result
    ) async throws -> Result {
        let path = FileManager.default.temporaryDirectory.appending(path: "ead-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try TinyModel.write(to: path + "/tiny.gguf")
        let lines = (0..<50).map {
            #"{"prompt": "what is \#($0)?", "response": " it is \#(String(repeating: "x", count: $0 % 7 + 1))"}"#
        }
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: path + "/demonstrations.jsonl"))
        return try await body(
            path,
            FineTuningSettings(
                origin: .model(path + "/tiny.gguf"), data: path + "/demonstrations.jsonl", heldOut: 6, batch: 4,
                passes: 2, checkpointEvery: 5, evaluateEvery: 7))
    }

    private func run(
        _ settings: FineTuningSettings, in directory: String, stopAfter last: UInt64 = .max
    ) async throws -> FineTuning.Outcome {
        let tuning = FineTuning(settings, directory: directory, engines: FakeEngines())
        return try await tuning.run { event in
            if case .trained(let step, _) = event, step.rawValue >= last { tuning.stop() }
        }
    }

    private func bytes(of checkpoint: Checkpoint?) throws -> [String: Data] {
        let path = try #require(checkpoint).path
        let names = try FileManager.default.contentsOfDirectory(atPath: path)
        return Dictionary(
            uniqueKeysWithValues: try names.map { ($0, try Data(contentsOf: URL(filePath: path + "/" + $0))) })
    }

    @Test func aRunThatIsStoppedAndGoneOnWithLeavesTheBytesOfOneThatWasNot() async throws {
        try await self.withDirectory { path, settings in
            let whole = try await self.run(settings, in: path + "/whole")
            #expect(whole.isFinished && whole.step == GlobalStep(22))
            for last: UInt64 in [3, 5, 12] {
                let stopped = try await self.run(settings, in: path + "/parts", stopAfter: last)
                #expect(!stopped.isFinished && stopped.step == GlobalStep(last))
            }
            let end = try await self.run(settings, in: path + "/parts")
            #expect(end.isFinished)
            #expect(try self.bytes(of: end.checkpoint) == self.bytes(of: whole.checkpoint))
            #expect(end.heldOutLoss == whole.heldOutLoss)
        }
    }

    @Test func theLogHasEveryStepWithItsRateAndTheLooksAtHeldOutDemonstrations() async throws {
        try await self.withDirectory { path, settings in
            _ = try await self.run(settings, in: path + "/run")
            let records = try RunLog.read(path: RunLayout(path + "/run").log).records
            let steps = records.filter { $0.kind == .step }
            #expect(steps.map(\.step) == (0..<22).map { GlobalStep($0) })
            let schedule = LearningRateSchedule(
                shape: .cosine, peak: 2e-5, warmupSteps: 1, decaySteps: 22, floor: 0.1)
            for record in steps {
                #expect(record.values[\.learningRate] == schedule.rate(at: record.step.rawValue))
                #expect(record.values[\.demonstrations] == 4)
            }
            let looks = records.filter { $0.kind == .evaluation }
            #expect(looks.map(\.step) == [0, 7, 14, 21, 22].map { GlobalStep($0) })
            #expect(looks.allSatisfy { $0.values[\.heldOutDemonstrations] == 6 && $0.values[\.heldOutLoss] != nil })
            #expect(records.compactMap { $0.notes["event"] } == ["started", "finished"])
        }
    }

    @Test func otherSettingsAreRefusedWithBothValues() async throws {
        try await self.withDirectory { path, settings in
            _ = try await self.run(settings, in: path + "/run", stopAfter: 3)
            var other = settings
            other.batch = 5
            let failure = await #expect(throws: RoleFailure.self) { try await self.run(other, in: path + "/run") }
            #expect(failure?.code == .configuration)
            #expect(failure?.message.contains("batch was 4, is 5") == true)
        }
    }

    @Test func moreStepsOfAConstantRateGoOnWhereTheFirstOnesEnded() async throws {
        try await self.withDirectory { path, settings in
            var short = settings
            short.shape = .constant
            short.warmup = 2
            short.steps = 9
            var long = short
            long.steps = 14
            _ = try await self.run(short, in: path + "/parts")
            let end = try await self.run(long, in: path + "/parts")
            let whole = try await self.run(long, in: path + "/whole")
            #expect(try self.bytes(of: end.checkpoint) == self.bytes(of: whole.checkpoint))
        }
    }

    @Test func checkpointsOfAnotherTrainingAreNotGoneOnWith() async throws {
        try await self.withDirectory { path, settings in
            _ = try await self.run(settings, in: path + "/run", stopAfter: 3)
            try FileManager.default.removeItem(atPath: RunLayout(path + "/run").fineTuning)
            var other = settings
            other.batch = 5
            let failure = await #expect(throws: RoleFailure.self) { try await self.run(other, in: path + "/run") }
            #expect(failure?.message.contains("is of another training") == true)
        }
    }

    @Test func aModelIsMadeOfAConfigAndATokenizerAlone() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        try await self.withDirectory { path, settings in
            var settings = settings
            settings.origin = .random(root.appending(path: "cluster/experiments/organism").path)
            settings.data = path + "/puzzles.jsonl"
            settings.steps = 2
            let lines = (10..<40).map { #"{"prompt": "\#($0) 2 -> \#($0 + 2)\n", "response": "\#($0)+2=\#($0 + 2)"}"# }
            try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: settings.data))
            let first = try await self.run(settings, in: path + "/first")
            let again = try await self.run(settings, in: path + "/again")
            #expect(try self.bytes(of: first.checkpoint) == self.bytes(of: again.checkpoint))
            settings.seed = 9
            let other = try await self.run(settings, in: path + "/other")
            #expect(other.checkpoint?.modelDigest != first.checkpoint?.modelDigest)

            let file = try ModelFile(path: try #require(first.checkpoint).path)
            #expect(try Tokenizer(file).count == file.shape.vocabulary)
            var weights = [Float](repeating: .nan, count: file.layout.count)
            try weights.withUnsafeMutableBufferPointer { try file.readParameters(into: $0) }
            let part = try #require(file.layout.entries.first { $0.part == .embedding })
            let square = weights[part.range].reduce(0.0) { $0 + Double($1) * Double($1) } / Double(part.count)
            #expect(abs(square.squareRoot() / 0.08 - 1) < 0.05, "what its config.json says, and two small steps")
        }
    }

    @Test func theDirectoryOfAClusterIsLeftAlone() async throws {
        try await self.withDirectory { path, settings in
            try Data("{}".utf8).write(to: URL(filePath: RunLayout(path).snapshot))
            await #expect(throws: RoleFailure.self) { try await self.run(settings, in: path) }
        }
    }
}
