package import EADCore
import EADFiles
package import EADMessages
import EADReport
import EADTelemetry
package import Foundation

/// How a run went, from its directory alone.
package struct RunDigest: Encodable {
    package enum State: String, Encodable, Sendable {
        /// Its controller runs here.
        case running
        case finished
        /// Neither: the same command resumes it, or it runs on another host.
        case unfinished
    }

    /// Scores on held-out problems.
    package struct Evaluation: Encodable {
        package let step: UInt64
        package let metrics: MetricValues
    }

    package struct Step: Encodable {
        package let step: UInt64
        package let rootHash: String?
        package let metrics: MetricValues
    }

    package let directory: String
    package let name: String
    /// Of the last start; nil in a log without one.
    package let run: String?
    package let state: State
    package let seed: UInt64
    package let stepsDone: Int
    package let plannedSteps: Int
    package let minutes: Double
    /// Of the first and the last record.
    package let started: Date?
    package let lastRecord: Date?
    package let steps: [Step]
    package let evaluations: [Evaluation]
    /// How often each thing happened, by the names in `run.jsonl`.
    package let events: [String: Int]
    /// Every setting that all nodes agreed on, by path.
    package let settings: [String: String]
    package let checkpoints: [String]
    package let damagedLines: [String]

    package init(_ files: RunFiles) throws {
        let run = ReportedRun(files)
        let records = files.log.records
        let events = records.filter { $0.kind == .event }
        let hashes = files.log.rootHashes
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
            Step(step: $0.key, rootHash: hashes[GlobalStep($0.key)], metrics: $0.value)
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
    package var samples: UInt32 { self.settings["evaluation.samples"].flatMap { UInt32($0) } ?? 0 }

    /// An evaluation as the tables take it.
    package func report(_ evaluation: Evaluation) -> EvaluationReport {
        EvaluationReport(
            version: PolicyVersion(evaluation.step), problems: UInt32(evaluation.metrics[\.evaluatedProblems] ?? 0),
            samples: UInt32(evaluation.metrics[\.evaluatedSamples] ?? 0), values: evaluation.metrics)
    }
}
