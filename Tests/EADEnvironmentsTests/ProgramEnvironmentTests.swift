import EADCore
import EADRuntime
import Foundation
import Synchronization
import Testing

@testable import EADEnvironments

/// A program that fails is started again, and what it was asked about has no verdict.
struct ProgramEnvironmentTests {
    private static let right = Verdict(reward: 1, strictReward: 1, prediction: nil)

    /// The faults that environments of a test have told.
    private final class Faults: Sendable {
        private let texts = Mutex<[String]>([])
        var count: Int { self.texts.withLock { $0.count } }
        func note(_ notice: EnvironmentHost.Notice) {
            if case .fault(let text) = notice { self.texts.withLock { $0.append(text) } }
        }
    }

    private let faults = Faults()

    private func environment(_ command: [String], timeout: Duration = .seconds(60)) throws -> any Environment {
        let backoff = Backoff(
            initial: .milliseconds(1), factor: 2, maximum: .milliseconds(20), jitter: 0, seed: 1)
        let faults = self.faults
        let task = TaskConfiguration(
            kind: .add2, heldOut: 0, verifier: .command, command: command, commandTimeout: timeout)
        return try EnvironmentKind.environment(
            of: task, host: EnvironmentHost(executor: ThreadExecutor.test, backoff: backoff) { faults.note($0) })
    }

    private func verdicts(_ environment: any Environment, _ responses: [String]) async -> [Verdict?] {
        let episode = environment.start(Problem(index: 0, prompt: "p", answer: "a"))
        var verdicts: [Verdict?] = []
        for response in responses { verdicts.append(await environment.verdict(on: response, in: episode)) }
        return verdicts
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
    func whatItFailsOnHasNoVerdict(fault: String) async throws {
        let environment = try self.environment(VerifierScript.failing(fault))
        let verdicts = await self.verdicts(environment, ["good", "fault", "good", "fault", "fault", "good"])
        #expect(verdicts == [Self.right, nil, Self.right, nil, nil, Self.right])
        #expect(self.faults.count == 3)
    }

    @Test func aHangEndsAtTheTimeLimit() async throws {
        let environment = try self.environment(VerifierScript.failing("sleep 10000"), timeout: .seconds(5))
        let verdicts = await self.verdicts(environment, ["good", "fault", "good"])
        #expect(verdicts == [Self.right, nil, Self.right])
        #expect(self.faults.count == 1)
    }

    @Test func anAnswerTooMuchCostsAProgramButNoScoreThatIsRight() async throws {
        let environment = try self.environment(VerifierScript.failing(VerifierScript.answer))
        let verdicts = await self.verdicts(environment, ["fault"] + Array(repeating: "good", count: 20))
        // The second answer comes before the next request, or after it and then with the wrong id.
        #expect(verdicts[0] == Self.right)
        #expect(verdicts[2...].allSatisfy { $0 == Self.right })
        #expect(self.faults.count == 1)
    }

    @Test func whatTheProgramSaysArrives() async throws {
        let reply = #"{\"prediction\":\"7\",\"reward\":0.5,\"note\":[],\"strict_reward\":-2,\"id\":$id}"#
        let environment = try self.environment(["/bin/sh", "-c", VerifierScript.loop + "echo \"\(reply)\"; done"])
        let verdicts = await self.verdicts(environment, ["x"])
        #expect(verdicts == [Verdict(reward: 0.5, strictReward: -2, prediction: "7")])
    }

    @Test func aCancelledStepHasNoVerdictAndIsNoFault() async throws {
        let environment = try self.environment(VerifierScript.failing("sleep 10000"))
        let step = Task { await self.verdicts(environment, ["fault"]) }
        step.cancel()
        #expect(await step.value == [nil])
        #expect(self.faults.count == 0)
    }

    @Test func nothingIsLeftOfAClosedOne() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "ead-pid-\(UUID().uuidString)").path
        defer { unlink(file) }
        let environment = try self.environment(
            ["/bin/sh", "-c", "echo $$ >'\(file)';" + VerifierScript.loop + VerifierScript.answer + "done"])
        #expect(await self.verdicts(environment, ["good"]) == [Self.right])
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let process = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(process, 0) == 0)
        await environment.close()
        #expect(kill(process, 0) == -1 && errno == ESRCH)
    }

    @Test func aMissingProgramIsAMistakeInTheClusterFile() throws {
        let failure = try #require(throws: EnvironmentError.self) { try self.environment(["/nowhere/verify", "x"]) }
        #expect(
            failure.description
                == "the verifier program /nowhere/verify cannot be started: No such file or directory; see task.command"
        )
    }

    @Test func requestsAreOneLineOfJSON() throws {
        let text = "a\"b\\c\nd\u{0}\u{1f}\r\té\u{1F600}\u{2028}"
        let problem = Problem(index: 0, prompt: text, answer: "", metadata: #"{"id":7.0,"level":["a"]}"#)
        let line = VerifierLine.request(7, problem, response: text)
        #expect(line.last == UInt8(ascii: "\n") && line.dropLast().allSatisfy { $0 >= 0x20 })
        #expect(String(decoding: line, as: UTF8.self).hasPrefix("{\"id\":7,\"prompt\":\"a\\\"b\\\\c\\nd\\u0000\\u001f"))
        let object = try JSONDecoder().decode(Request.self, from: Data(line))
        #expect(object == Request(id: 7, prompt: text, response: text, answer: "", metadata: .init(level: ["a"])))
        let bare = VerifierLine.request(8, Problem(index: 0, prompt: "p", answer: "a"), response: "r")
        #expect(
            String(decoding: bare, as: UTF8.self)
                == #"{"id":8,"prompt":"p","response":"r","answer":"a","metadata":{}}"# + "\n")
    }

    private struct Request: Decodable, Equatable {
        var id: UInt64
        var prompt: String
        var response: String
        var answer: String
        var metadata: Metadata

        struct Metadata: Decodable, Equatable { var level: [String] }
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
