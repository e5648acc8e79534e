import EADCore
import EADEnvironments
import EADRuntime
import Testing

extension EnvironmentKind {
    /// Every kind that needs no program.
    static var rules: [EnvironmentKind] { Self.allCases.filter { !$0.runsProgram } }

    /// What an environment of this kind says about a response.
    func score(response: String, answer: String) async throws -> Verdict {
        let host = EnvironmentHost(executor: ThreadExecutor.test, backoff: Backoff(seed: 1)) { Issue.record("\($0)") }
        let task = TaskConfiguration(kind: .add2, heldOut: 0, verifier: self)
        let environment = try EnvironmentKind.environment(of: task, host: host)
        let episode = environment.start(Problem(index: 0, prompt: "p", answer: answer))
        return try #require(await environment.verdict(on: response, in: episode))
    }
}

extension ThreadExecutor {
    static let test = ThreadExecutor(name: "environment")
}
