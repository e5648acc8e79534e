import EADConfiguration
package import EADCore
package import EADEnvironments

extension LocalEvaluation.Settings {
    /// The evaluation of a run's policy on the run's own held-out problems, as the run itself evaluates: with equal weights
    /// the responses are equal too.
    ///
    /// - Parameters:
    ///   - samples: Nil for as many as the run samples.
    ///   - data: A file of problems to answer whole, in the run's template and by its verifier, instead of the held-out ones.
    package init(run: RunDirectory, samples: Int?, data: String?, output: String?) throws {
        let configuration = run.configuration
        var task = configuration.task
        let problems: [Problem]
        if let data {
            task.kind = .jsonl
            task.path = data
            problems = try Self.all(of: task)
        } else {
            problems = try run.heldOut()
            guard !problems.isEmpty else {
                throw RoleFailure(
                    .usage, "the run in \(run.path) holds out no problems (task.held_out); name a file with --data")
            }
        }
        self.init(
            task: task, problems: problems, samples: samples ?? configuration.evaluation.samples,
            greedy: configuration.evaluation.greedy, sampling: configuration.evaluation.sampling,
            seed: configuration.run.seed, step: nil, output: output)
    }

    /// Every problem of a task, such as those of a test set.
    package static func all(of task: TaskConfiguration) throws -> [Problem] {
        var whole = task
        whole.heldOut = 0
        return try TaskSource.load(whole, baseDirectory: "").training
    }

    /// What is to be said before figures on problems that the run has trained on; nil if there are none.
    package func overlap(with run: RunDirectory) throws -> String? {
        let problems = try self.problems ?? TaskSource.load(self.task, baseDirectory: "").heldOut
        guard let trained = run.trained(of: problems) else {
            return "the data of the run in \(run.path) cannot be read, so it is not known which problems it trains on"
        }
        guard trained > 0 else { return nil }
        return
            "the run in \(run.path) trains on \(trained) of these \(problems.count) problems, so the figures say little "
            + "about others; eval --run \(run.path) answers those that it holds out"
    }
}
