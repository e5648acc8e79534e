package import EADConfiguration
import EADCore
import EADEngine
import EADEnvironments
import EADEvaluation
import EADModels
import EADRuntime
import EADSampling

/// Looks at the task of a cluster file before an hour is spent on it.
package struct TaskCheck: Sendable {
    private let configuration: ClusterConfiguration
    private let model: LocalModel
    private let problems: Int
    private let samples: Int

    /// - Parameters:
    ///   - problems: To be answered, the first in training; 0 for none.
    ///   - samples: Responses to each; nil for as many as a group has.
    ///   - checkpoint: Whose policy answers; nil for that of the model file.
    package init(
        _ configuration: ClusterConfiguration, problems: Int, samples: Int?, checkpoint: String?, threads: Int
    ) {
        self.configuration = configuration
        self.model = LocalModel(
            path: configuration.model.path, checkpoint: checkpoint, precision: configuration.model.precision,
            threads: threads)
        self.problems = problems
        self.samples = samples ?? configuration.training.samplesPerPrompt
    }

    /// Reads the data, measures every prompt, and has some of them answered.
    /// - Throws: `TaskError`, `ModelFileError` or `RoleFailure` for what a run would not start with.
    package func report() async throws -> TaskCheckReport {
        let task = self.configuration.task
        // Measured below, all of them: a run refuses the first few that are too long.
        let source = try TaskSource.load(task, baseDirectory: "")
        // The weights are for whoever answers.
        let model = try self.model.open()
        let encoder = try PromptEncoder(model.file, model.tokenizer, task: task)
        let all = source.training + source.heldOut
        var lengths: [Int] = []
        for problem in all { lengths.append(try encoder.encode(problem.prompt).count) }
        let room = model.file.shape.contextLength - self.configuration.sampling.maxTokens
        let asked = Array(source.training.prefix(self.problems))
        var graded: [GradedProblem] = []
        if !asked.isEmpty, self.samples > 0 {
            let settings = LocalEvaluation.Settings(
                task: task, problems: asked, samples: self.samples, greedy: false,
                sampling: self.configuration.sampling, seed: self.configuration.run.seed, step: nil, output: nil)
            graded = try await LocalEvaluation(settings, model: self.model).graded()
        }
        return TaskCheckReport(
            task: task.kind.rawValue, verifier: task.verifier.rawValue, model: model.file.name,
            training: source.training.count, heldOut: source.heldOut.count, repeatedLines: source.repeated,
            repeatedPrompts: all.count - Set(all.map(\.prompt)).count, promptTokens: TokenLengths(lengths),
            context: model.file.shape.contextLength, responseTokens: self.configuration.sampling.maxTokens,
            tooLong: lengths.count { $0 > room },
            prompt: try asked.first.map { problem in
                TaskCheckReport.Prompt(try encoder.encode(problem.prompt), model.tokenizer)
            },
            responses: graded.map(TaskCheckReport.Responses.init), learnable: LearnableShare(graded))
    }
}
