package import EADConfiguration
import EADCore
package import EADEnvironments
import EADEvaluation
package import EADMessages
package import EADSampling

/// Where an evaluation's policy, problems and settings come from.
package enum EvaluationSource {
    /// A running cluster evaluates its current policy.
    case cluster(ClusterFiles)
    /// A checkpoint of a run, by default its newest, answers what the run holds out, or a file of problems.
    case run(directory: String, checkpoint: String?, data: String?, output: String?, threads: Int)
    /// Everything is said by the caller; the model is that of the checkpoint, if there is one.
    case alone(
        task: TaskConfiguration, wholeTask: Bool, greedy: Bool, sampling: SamplingConfiguration, seed: UInt64,
        step: UInt64?, output: String?, checkpoint: String?, model: LocalModel)

    /// Reads what the source needs.
    /// - Parameters:
    ///   - samples: Responses per problem besides the greedy one; nil for as many as configured.
    ///   - warn: Told what is to be said before the figures.
    package func evaluation(samples: Int?, warn: (String) -> Void) throws -> Evaluation {
        switch self {
        case .cluster(let files):
            return .cluster(ClusterEvaluation(try files.load().configuration, samples: UInt32(samples ?? 0)))
        case .run(let directory, let checkpoint, let data, let output, let threads):
            let run = try RunDirectory(directory)
            let settings = try LocalEvaluation.Settings(run: run, samples: samples, data: data, output: output)
            if data != nil { try settings.overlap(with: run).map(warn) }
            let model = LocalModel(
                path: run.configuration.model.path, checkpoint: try checkpoint ?? run.newestCheckpoint(),
                precision: run.configuration.model.precision, threads: threads)
            return .local(LocalEvaluation(settings, model: model), isPolicy: true)
        case .alone(
            let task, let wholeTask, let greedy, let sampling, let seed, let step, let output, let checkpoint, let model
        ):
            let settings = LocalEvaluation.Settings(
                task: task, problems: wholeTask ? try LocalEvaluation.Settings.all(of: task) : nil,
                samples: samples ?? 8, greedy: greedy, sampling: sampling, seed: seed, step: step, output: output)
            if let run = checkpoint.flatMap({ RunDirectory(ofCheckpoint: $0) }) {
                try settings.overlap(with: run).map(warn)
            }
            return .local(LocalEvaluation(settings, model: model), isPolicy: checkpoint != nil)
        }
    }

    /// An evaluation that can be made.
    package enum Evaluation {
        case cluster(ClusterEvaluation)
        /// Of a policy of a run, or of a model file.
        case local(LocalEvaluation, isPolicy: Bool)

        package func result() async throws -> Result {
            switch self {
            case .cluster(let evaluation): Result(report: try await evaluation.report(), isPolicy: true)
            case .local(let evaluation, let isPolicy):
                Result(report: try await evaluation.report(), isPolicy: isPolicy)
            }
        }
    }

    /// The figures of an evaluation, for people and for programs.
    package struct Result {
        package let report: EvaluationReport
        fileprivate let isPolicy: Bool

        fileprivate init(report: EvaluationReport, isPolicy: Bool) {
            self.report = report
            self.isPolicy = isPolicy
        }

        package var table: String {
            let sizes = EvaluationStatistics.sizes(upTo: Int(self.report.samples)).filter { $0 > 1 }
            let title = self.isPolicy ? "policy \(self.report.version)" : "model file"
            return EvaluationTable([(title, self.report)], sizes: sizes).text
        }

        package func json() throws -> String { try JSONText.encode(self.report) }
    }
}
