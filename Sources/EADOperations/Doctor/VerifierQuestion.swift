import EADCore
import EADDoctor
package import EADEnvironments
import EADRuntime
import Synchronization

/// Asks the task's verifier about a real problem before anything is trained on its word.
package struct VerifierQuestion: Sendable {
    /// A program that fails now and then may.
    private static let attempts = 3

    private let task: TaskConfiguration

    package init(_ task: TaskConfiguration) { self.task = task }

    /// - Throws: `RoleFailure` with the verifier's last words when it gives no score.
    package func mustBeAnswered() async throws {
        guard let complaint = try await self.complaint() else { return }
        throw RoleFailure(
            .configuration, "the verifier scores no response: \(complaint); see task.verifier and task.command")
    }

    /// Nil for a verifier that is a rule: it cannot fail.
    func check() async -> Check? {
        guard self.task.runsProgram else { return nil }
        let advice = "run task.command by hand with a line as docs/verifiers.md has it"
        do {
            guard let complaint = try await self.complaint() else {
                return Check("verifier", .ok, "\(self.task.command.joined(separator: " ")) scores a response")
            }
            return Check("verifier", .fail, complaint, advice: advice)
        } catch {
            return Check("verifier", .fail, RoleFailure(error).message, advice: advice)
        }
    }

    /// What it says instead of scoring the right answer to the first problem that is its; nil when it scores it.
    private func complaint() async throws -> String? {
        guard self.task.runsProgram else { return nil }
        let source = try TaskSource.load(self.task, baseDirectory: "")
        let problem = (source.training + source.heldOut).first {
            self.task.verifier(of: $0.source)?.runsProgram == true
        }
        guard let problem else { return nil }
        return try await VerifierExamination(self.task).complaint(about: problem, attempts: Self.attempts)
    }
}

/// Where the verifier may be waited for.
private actor VerifierExamination {
    private let executor = ThreadExecutor(name: "environment")
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }
    private let task: TaskConfiguration

    init(_ task: TaskConfiguration) { self.task = task }

    func complaint(about problem: Problem, attempts: Int) async throws -> String? {
        let notices = Notices()
        let environment = try EnvironmentKind.environment(
            of: self.task,
            host: EnvironmentHost(
                executor: self.executor,
                backoff: Backoff(
                    initial: .milliseconds(100), factor: 2, maximum: .seconds(1), jitter: 0, seed: 0)
            ) { notice in notices.texts.withLock { $0.append(notice.text) } })
        var isScored = false
        for _ in 0..<attempts where !isScored {
            isScored = await environment.verdict(on: problem.answer, in: environment.start(problem)) != nil
        }
        await environment.close()
        return isScored ? nil : notices.texts.withLock { $0.suffix(2).joined(separator: "; ") }
    }

    private final class Notices: Sendable {
        let texts = Mutex<[String]>([])
    }
}
