package import EADCore

/// What a policy acts in: it shows a prompt, and answers each response with an observation or, at the end, a verdict.
///
/// An environment is a function of the problem and the responses: the same responses get the same answers, whoever
/// asks and in whatever order. Steps are taken one at a time, on a thread that may be kept waiting.
package protocol Environment: Sendable {
    /// Begins an episode about a problem: a function of the problem alone.
    func start(_ problem: Problem) -> Episode

    /// Takes the policy's response to what it was shown last.
    nonisolated(nonsending) func step(_ response: String, in episode: Episode) async -> Turn

    /// Ends what it has started, such as a program; no step is taken after it.
    nonisolated(nonsending) func close() async
}

extension Environment {
    package func start(_ problem: Problem) -> Episode { Episode(problem: problem, prompt: problem.prompt) }

    package nonisolated(nonsending) func close() async {}

    /// The verdict on a response that is the only one of its episode; nil if there is none.
    ///
    /// An environment that asks for another turn gets none.
    package nonisolated(nonsending) func verdict(on response: String, in episode: Episode) async -> Verdict? {
        switch await self.step(response, in: episode) {
        case .end(let verdict): verdict
        case .observation: nil
        }
    }
}

/// The exchange between a policy and an environment about one problem.
package struct Episode: Hashable, Sendable {
    package let problem: Problem
    /// What the policy is shown first.
    package let prompt: String

    package init(problem: Problem, prompt: String) {
        self.problem = problem
        self.prompt = prompt
    }
}

/// How an environment answers a response.
package enum Turn: Hashable, Sendable {
    /// The episode goes on; the policy is shown this text.
    case observation(String)
    /// The episode is over. Nil when the environment failed: nothing is known about the responses.
    case end(Verdict?)
}
