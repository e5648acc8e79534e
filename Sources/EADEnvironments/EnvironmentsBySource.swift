import EADCore

/// The environments of a task whose problems are scored by where they are from.
struct EnvironmentsBySource: Environment {
    private let task: TaskConfiguration
    private let environments: [EnvironmentKind: any Environment]

    /// - Parameter environments: Those of all verifiers that the task names.
    init(task: TaskConfiguration, environments: [EnvironmentKind: any Environment]) {
        self.task = task
        self.environments = environments
    }

    private func environment(of problem: Problem) -> (any Environment)? {
        self.task.verifier(of: problem.source).flatMap { self.environments[$0] }
    }

    func start(_ problem: Problem) -> Episode {
        self.environment(of: problem)?.start(problem) ?? Episode(problem: problem, prompt: problem.prompt)
    }

    nonisolated(nonsending) func step(_ response: String, in episode: Episode) async -> Turn {
        // A source that the task does not know was not read with these settings.
        guard let environment = self.environment(of: episode.problem) else { return .end(nil) }
        return await environment.step(response, in: episode)
    }

    nonisolated(nonsending) func close() async {
        for environment in self.environments.values { await environment.close() }
    }
}
