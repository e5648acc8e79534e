import EADCore
import EADEngine
import EADEnvironments
import EADModels
import EADRuntime
import EADSampling
import EADTestKit
import Foundation
import Logging
import Synchronization
import Testing

@testable import EADWorker

struct ScoringLoopTests {
    private static let right = Verdict(reward: 1, strictReward: 1, prediction: "7")
    private static let wrong = Verdict(reward: 0, strictReward: 0, prediction: "8")

    private let tokenizer: Tokenizer

    init() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "ead-\(UUID().uuidString).gguf")
        try TinyModel.write(to: file.path)
        defer { try? FileManager.default.removeItem(at: file) }
        self.tokenizer = try Tokenizer(ModelFile(path: file.path))
    }

    private func loop(_ task: TaskConfiguration = TaskConfiguration(kind: .add2, heldOut: 0)) throws -> ScoringLoop {
        try ScoringLoop(
            task: task,
            sampler: Sampler(
                tokenizer: self.tokenizer, prompts: try PromptEncoder(self.tokenizer),
                training: SamplingConfiguration(schedule: .constant(1), maxTokens: 1),
                evaluation: SamplingConfiguration(schedule: .constant(1), maxTokens: 1), isGreedyEvaluated: false),
            backoff: Backoff(seed: 1), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs a loop until it has answered `jobs`.
    private func results(_ loop: ScoringLoop, _ jobs: [ScoringLoop.Job]) async -> [ScoringLoop.Scored] {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await loop.run() }
            for job in jobs { loop.post(job) }
            var results: [ScoringLoop.Scored] = []
            for await scored in loop.results {
                results.append(scored)
                if results.count == jobs.count { break }
            }
            group.cancelAll()
            return results
        }
    }

    private func job(_ number: UInt64, _ responses: [String]) -> ScoringLoop.Job {
        ScoringLoop.Job(
            number: number, purpose: .training,
            episode: Episode(problem: Problem(index: 0, prompt: "p", answer: "7"), prompt: "p"),
            samples: responses.map {
                GeneratedSample(trace: TokenTrace(tokens: self.tokenizer.encode($0)), finish: .stopToken)
            })
    }

    @Test func jobsAreScoredInTheirOrder() async throws {
        let loop = try self.loop()
        let results = await self.results(loop, [self.job(1, ["7", "8"]), self.job(2, ["8"]), self.job(3, ["7"])])
        #expect(results.map(\.number) == [1, 2, 3])
        #expect(results.map(\.verdicts) == [[Self.right, Self.wrong], [Self.wrong], [Self.right]])
        #expect(loop.progress == 4 && loop.counters.faults.load(ordering: .relaxed) == 0)
    }

    @Test func aFailingEnvironmentIsCounted() async throws {
        let loop = try self.loop(
            TaskConfiguration(
                kind: .add2, heldOut: 0, verifier: .command, command: ["/bin/sh", "-c", "read -r line; exit 1"]))
        let results = await self.results(loop, [self.job(1, ["7", "8"])])
        #expect(results.map(\.verdicts) == [[nil, nil]])
        #expect(loop.progress == 2 && loop.counters.faults.load(ordering: .relaxed) == 2)
    }

    @Test func aCancelledJobHasNoResult() async throws {
        let loop = try self.loop()
        loop.post(self.job(1, ["7"]))
        loop.cancel(1)
        let results = await self.results(loop, [self.job(2, ["7"])])
        #expect(results.map(\.number) == [2])
        #expect(loop.progress == 1)
    }

    @Test func aMissingProgramIsAMistakeInTheClusterFile() throws {
        let task = TaskConfiguration(kind: .add2, heldOut: 0, verifier: .command, command: ["/nowhere/verify", "x"])
        let failure = try #require(throws: RoleFailure.self) { try self.loop(task) }
        #expect(failure.code == .configuration)
        #expect(
            failure.message
                == "the verifier program /nowhere/verify cannot be started: No such file or directory; see task.command"
        )
    }
}
