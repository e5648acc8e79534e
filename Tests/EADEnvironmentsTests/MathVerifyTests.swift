import EADCore
import EADRuntime
import EADTestKit
import Foundation
import Testing

@testable import EADEnvironments

/// `scripts/verifiers/math-verify` where it is installed; `scripts/reference/math_verify_cases.py` compares it with the
/// library's own cases.
@Suite(.enabled(if: CachedAssets.hasMathVerify, "\(CachedAssets.mathVerifyAdvice)"))
struct MathVerifyTests {
    private func rewards(_ cases: [(response: String, answer: String)]) async throws -> [Verdict?] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let task = TaskConfiguration(
            kind: .jsonl, heldOut: 0, verifier: .command,
            command: [root.appending(path: "scripts/verifiers/math-verify").path, "--limit", "3"],
            commandTimeout: .seconds(120))
        let environment = try EnvironmentKind.environment(
            of: task,
            host: EnvironmentHost(executor: ThreadExecutor.test, backoff: Backoff(seed: 1)) {
                if case .fault(let text) = $0 { Issue.record("\(text)") }
            })
        var verdicts: [Verdict?] = []
        for (response, answer) in cases {
            let episode = environment.start(Problem(index: 0, prompt: "p", answer: answer))
            verdicts.append(await environment.verdict(on: response, in: episode))
        }
        await environment.close()
        return verdicts
    }

    @Test func equalMathematicsIsRightInWhateverForm() async throws {
        let cases = [
            (#"so \boxed{\frac12}"#, #"\frac{1}{2}"#), ("it is 0.5", #"\frac{1}{2}"#), (#"\boxed{x+1}"#, "1 + x"),
            ("1,000", "1000"), (#"\boxed{\{1,2\}}"#, #"\{2,1\}"#), (#"$(-\infty, 3)$"#, "$x < 3$"),
        ]
        let verdicts = try await self.rewards(cases)
        #expect(verdicts.map { $0?.reward } == Array(repeating: 1, count: cases.count))
        #expect(verdicts.map { $0?.strictReward } == [1, 0, 1, 0, 1, 0])
        #expect(verdicts[0]?.prediction == "1/2")
        let wrong = try await self.rewards([("", "7"), (#"\boxed{x-1}"#, "x + 1"), ("0.3", #"\frac13"#)])
        #expect(wrong.map { $0?.reward } == [0, 0, 0])
    }

    @Test func whatWouldTakeForeverIsNotRightAndTheNextIsJudged() async throws {
        let verdicts = try await self.rewards([("$9^{9^{9^{9^9}}}$", "1"), (#"\boxed{7}"#, "7")])
        #expect(verdicts.map { $0?.reward } == [0, 1])
    }
}
