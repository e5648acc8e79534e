import EADEnvironments
import EADProtocol
import EADRuntime
import EADTestKit
import Foundation
import Logging
import Synchronization
import Testing

@testable import EADWorker

/// A program that fails is started again, and what it was asked about has no score.
struct CommandVerifierTests {
    private static let right = Verdict(reward: 1, strictReward: 1, prediction: nil)

    private func verifier(_ command: [String], timeout: Duration = .seconds(60)) throws -> CommandVerifier {
        let backoff = Backoff(
            initial: .milliseconds(1), factor: 2, maximum: .milliseconds(20), jitter: 0, seed: 1)
        return try CommandVerifier(
            executor: ThreadExecutor(name: "verifier"), command: command, timeout: timeout, backoff: backoff,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs a verifier until it has answered `jobs`.
    private func results(
        _ verifier: CommandVerifier, _ jobs: [CommandVerifier.Job]
    ) async -> [CommandVerifier.Scored] {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await verifier.run() }
            for job in jobs { verifier.post(job) }
            var results: [CommandVerifier.Scored] = []
            for await scored in verifier.results {
                results.append(scored)
                if results.count == jobs.count { break }
            }
            group.cancelAll()
            return results
        }
    }

    private func job(_ number: UInt64, _ responses: [String]) -> CommandVerifier.Job {
        CommandVerifier.Job(number: number, prompt: "p", answer: "a", responses: responses)
    }

    /// What the script does instead of answering.
    @Test(arguments: [
        "exit 1", "kill -KILL $$", "echo garbage; continue", "echo; continue", "echo '[1]'; continue",
        #"echo "{\"id\":$id}"; continue"#, #"echo "{\"id\":$id,\"reward\":true}"; continue"#,
        #"echo "{\"id\":$id,\"reward\":1e999}"; continue"#, #"echo "{\"id\":$id,\"reward\":1e99}"; continue"#,
        #"echo "{\"id\":$id,\"reward\":null}"; continue"#, #"echo "{\"id\":$((id + 1)),\"reward\":1}"; continue"#,
        #"echo "{\"id\":$id,\"reward\":0,\"strict_reward\":1}"; continue"#,
        #"echo "{\"id\":$id,\"reward\":1,\"prediction\":7}"; continue"#, "tr '\\0' x </dev/zero",
    ])
    func whatItFailsOnHasNoScore(fault: String) async throws {
        let verifier = try self.verifier(VerifierScript.failing(fault))
        let results = await self.results(
            verifier,
            [self.job(1, ["good", "fault", "good"]), self.job(2, ["fault", "fault"]), self.job(3, ["good"])])
        #expect(results.map(\.number) == [1, 2, 3])
        #expect(results.map(\.verdicts) == [[Self.right, nil, Self.right], [nil, nil], [Self.right]])
        #expect(verifier.counters.faults.load(ordering: .relaxed) == 3)
        #expect(verifier.progress == 6)
    }

    @Test func aHangEndsAtTheTimeLimit() async throws {
        let verifier = try self.verifier(VerifierScript.failing("sleep 10000"), timeout: .seconds(5))
        let results = await self.results(verifier, [self.job(1, ["good", "fault", "good"])])
        #expect(results.map(\.verdicts) == [[Self.right, nil, Self.right]])
        #expect(verifier.counters.faults.load(ordering: .relaxed) == 1)
    }

    @Test func anAnswerTooMuchCostsAProgramButNoScoreThatIsRight() async throws {
        let verifier = try self.verifier(VerifierScript.failing(VerifierScript.answer))
        let results = await self.results(verifier, [self.job(1, ["fault"] + Array(repeating: "good", count: 20))])
        // The second answer comes before the next request, or after it and then with the wrong id.
        #expect(results[0].verdicts[0] == Self.right)
        #expect(results[0].verdicts[2...].allSatisfy { $0 == Self.right })
        #expect(verifier.counters.faults.load(ordering: .relaxed) == 1)
    }

    @Test func whatTheProgramSaysArrives() async throws {
        let reply = #"{\"prediction\":\"7\",\"reward\":0.5,\"note\":[],\"strict_reward\":-2,\"id\":$id}"#
        let verifier = try self.verifier(["/bin/sh", "-c", VerifierScript.loop + "echo \"\(reply)\"; done"])
        let results = await self.results(verifier, [self.job(9, ["x"])])
        #expect(results[0].verdicts == [Verdict(reward: 0.5, strictReward: -2, prediction: "7")])
    }

    @Test func aCancelledJobHasNoResult() async throws {
        let verifier = try self.verifier(VerifierScript.failing("exit 1"))
        verifier.post(self.job(1, ["good"]))
        verifier.cancel(1)
        let results = await self.results(verifier, [self.job(2, ["good"])])
        #expect(results.map(\.number) == [2])
        #expect(verifier.progress == 1)
    }

    @Test func aMissingProgramIsAMistakeInTheClusterFile() throws {
        let failure = try #require(throws: RoleFailure.self) { try self.verifier(["/nowhere/verify", "x"]) }
        #expect(failure.code == .configuration)
        #expect(
            failure.message
                == "the verifier program /nowhere/verify cannot be started: No such file or directory; see task.command"
        )
    }

    @Test func requestsAreOneLineOfJSON() throws {
        let text = "a\"b\\c\nd\u{0}\u{1f}\r\té\u{1F600}\u{2028}"
        let line = VerifierLine.request(7, prompt: text, response: text, answer: "")
        #expect(line.last == UInt8(ascii: "\n") && line.dropLast().allSatisfy { $0 >= 0x20 })
        #expect(String(decoding: line, as: UTF8.self).hasPrefix("{\"id\":7,\"prompt\":\"a\\\"b\\\\c\\nd\\u0000\\u001f"))
        let object = try JSONDecoder().decode(Request.self, from: Data(line))
        #expect(object == Request(id: 7, prompt: text, response: text, answer: ""))
    }

    private struct Request: Decodable, Equatable {
        var id: UInt64
        var prompt: String
        var response: String
        var answer: String
    }

    @Test func complaintsAreCutAndCounted() {
        var lines = ErrorLines()
        let start = ContinuousClock.now
        let flood = String(repeating: "x", count: 5000) + "\n" + String(repeating: "a\n", count: 99)
        let first = lines.take(Array(flood.utf8), now: start)
        #expect(first.count == ErrorLines.linesPerWindow)
        #expect(first[0].utf8.count == ErrorLines.lineLimit && first[1] == "a")
        #expect(lines.take(Array("b\n".utf8), now: start + .seconds(9)).isEmpty)
        let later = start + ErrorLines.window
        #expect(lines.take(Array("c\nd".utf8), now: later) == ["(81 more lines were not shown)", "c"])
        #expect(lines.finish(now: later) == ["d"])
        #expect(lines.finish(now: later).isEmpty)
    }
}
