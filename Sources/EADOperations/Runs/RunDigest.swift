import EADCore
import EADFiles
import EADMessages
import EADReport
import EADTelemetry
import Foundation

/// How a run went, from its directory alone.
struct RunDigest: Encodable {
    enum State: String, Encodable {
        /// Its controller runs here.
        case running
        case finished
        /// Neither: the same command resumes it, or it runs on another host.
        case unfinished
    }

    /// Scores on held-out problems.
    struct Evaluation: Encodable {
        let step: UInt64
        let metrics: MetricValues
    }

    struct Step: Encodable {
        let step: UInt64
        let rootHash: String?
        let metrics: MetricValues
    }

    let directory: String
    let name: String
    /// Of the last start; nil in a log without one.
    let run: String?
    let state: State
    let seed: UInt64
    let stepsDone: Int
    let plannedSteps: Int
    let minutes: Double
    /// Of the first and the last record.
    let started: Date?
    let lastRecord: Date?
    let steps: [Step]
    let evaluations: [Evaluation]
    /// How often each thing happened, by the names in `run.jsonl`.
    let events: [String: Int]
    /// Every setting that all nodes agreed on, by path.
    let settings: [String: String]
    let checkpoints: [String]
    let damagedLines: [String]

    init(_ files: RunFiles) throws {
        let run = ReportedRun(files)
        let records = files.log.records
        let events = records.filter { $0.kind == .event }
        let weights = files.weights
        self.directory = files.directory.path
        self.name = run.name
        self.run = events.last { $0.notes["event"] == "started" }?.notes["run"]
        self.state = files.isRunning ? .running : run.isFinished ? .finished : .unfinished
        self.seed = run.seed
        self.stepsDone = run.stepsDone
        self.plannedSteps = run.plannedSteps
        self.minutes = run.minutes
        self.started = records.first.map { Date(timeIntervalSince1970: $0.time) }
        self.lastRecord = records.last.map { Date(timeIntervalSince1970: $0.time) }
        self.steps = run.steps.sorted { $0.key < $1.key }.map {
            Step(step: $0.key, rootHash: weights[$0.key], metrics: $0.value)
        }
        self.evaluations = run.evaluations.sorted { $0.key < $1.key }.map {
            Evaluation(step: $0.key, metrics: $0.value)
        }
        self.events = Dictionary(events.compactMap { $0.notes["event"] }.map { ($0, 1) }, uniquingKeysWith: +)
        self.settings = run.settings
        let checkpoints = files.directory.checkpoints
        self.checkpoints =
            FileTree.exists(checkpoints)
            ? try FileTree.names(in: checkpoints).filter { !$0.hasPrefix(".") }.sorted() : []
        self.damagedLines = run.damagedLines
    }

    /// Responses per problem in the planned evaluations.
    var samples: UInt32 { self.settings["evaluation.samples"].flatMap { UInt32($0) } ?? 0 }

    /// An evaluation as the tables take it.
    func report(_ evaluation: Evaluation) -> EvaluationReport {
        EvaluationReport(
            version: PolicyVersion(evaluation.step), problems: UInt32(evaluation.metrics[\.evaluatedProblems] ?? 0),
            samples: UInt32(evaluation.metrics[\.evaluatedSamples] ?? 0), values: evaluation.metrics)
    }
}
