import EADCore
import EADFiles
import EADObservation
import EADReport
import EADRuntime
import EADTelemetry
import Foundation

/// The runs in a directory of such, the newest first.
package struct RunList {
    private let runs: [RunDigest]
    /// Directories with a run log that cannot be shown, and why.
    private let unreadable: [(directory: String, reason: String)]
    /// Fine-tunings, which have losses and no rewards.
    private let fineTunings: [(directory: String, run: ReportedFineTuning)]

    private struct Row: Encodable {
        let directory: String
        let name: String
        let state: RunDigest.State
        let seed: UInt64
        let stepsDone: Int
        let plannedSteps: Int
        let minutes: Double
        let lastRecord: Date?
        let lastStep: MetricValues?
        let firstEvaluation: MetricValues?
        let lastEvaluation: MetricValues?
    }

    private struct FineTuning: Encodable {
        let directory: String
        let isFinished: Bool
        let stepsDone: Int
        let plannedSteps: Int
        let minutes: Double
        let heldOutLoss: Double?

        init(_ directory: String, _ run: ReportedFineTuning) {
            self.directory = directory
            self.isFinished = run.isFinished
            self.stepsDone = run.stepsDone
            self.plannedSteps = run.plannedSteps
            self.minutes = run.minutes
            self.heldOutLoss = run.heldOutLosses.last
        }
    }

    private struct Refusal: Encodable {
        let directory: String
        let reason: String
    }

    private struct Listing: Encodable {
        let runs: [Row]
        let fineTunings: [FineTuning]
        let unreadable: [Refusal]
    }

    /// - Parameter directory: Its subdirectories are looked at, and itself.
    /// - Throws: `FileError` when it cannot be read.
    package init(in directory: String) throws {
        let places = [directory] + (try FileTree.names(in: directory)).sorted().map { directory + "/" + $0 }
        var runs: [RunDigest] = []
        var unreadable: [(directory: String, reason: String)] = []
        var fineTunings: [(directory: String, run: ReportedFineTuning)] = []
        for place in places where FileTree.exists(RunLayout(place).log) {
            do {
                if ReportedFineTuning.isOne(place) {
                    fineTunings.append((place, try ReportedFineTuning(directory: place)))
                } else {
                    runs.append(try RunDigest(RunFiles(place)))
                }
            } catch {
                unreadable.append((place, RoleFailure(error).message))
            }
        }
        self.runs = runs.sorted { ($0.lastRecord ?? .distantPast) > ($1.lastRecord ?? .distantPast) }
        self.unreadable = unreadable
        self.fineTunings = fineTunings
    }

    package var isWhole: Bool { self.unreadable.isEmpty }

    private static let columns = [
        FittedTable.Column("RUN", least: 12), .init("STATE"), .init("STEPS"), .init("REWARD", dropRank: 1),
        .init("HELD OUT", dropRank: 2), .init("MINUTES", dropRank: 4), .init("LAST RECORD", dropRank: 3),
    ]

    /// - Parameter width: Of the terminal; nil for as wide as it takes.
    package func text(width: Int?) -> String {
        let table = self.runs.map { run in
            [
                run.directory, run.state.rawValue, "\(run.stepsDone)/\(run.plannedSteps)",
                run.steps.last?.metrics[\.reward]?.text(decimals: 3) ?? "-", Self.scores(of: run),
                run.minutes.text(decimals: 1), run.lastRecord.map(Self.time) ?? "-",
            ]
        }
        let lines =
            self.runs.isEmpty ? ["no runs"] : [FittedTable(columns: Self.columns, rows: table).text(width: width)]
        let tunings = self.fineTunings.map { directory, run in
            let loss = run.heldOutLosses.last.map { ", held-out loss \($0.text(decimals: 4))" } ?? ""
            return "\(directory): fine-tuning, \(run.stepsDone)/\(run.plannedSteps) steps\(loss)"
        }
        return (lines + tunings + self.unreadable.map { "\($0.directory): \($0.reason)" }).joined(separator: "\n")
    }

    package func json() throws -> String {
        try JSONText.encode(
            Listing(
                runs: self.runs.map { run in
                    Row(
                        directory: run.directory, name: run.name, state: run.state, seed: run.seed,
                        stepsDone: run.stepsDone, plannedSteps: run.plannedSteps, minutes: run.minutes,
                        lastRecord: run.lastRecord, lastStep: run.steps.last?.metrics,
                        firstEvaluation: run.evaluations.first?.metrics, lastEvaluation: run.evaluations.last?.metrics)
                },
                fineTunings: self.fineTunings.map { FineTuning($0.directory, $0.run) },
                unreadable: self.unreadable.map { Refusal(directory: $0.directory, reason: $0.reason) }))
    }

    /// The first and the last mean on held-out problems, or the greedy accuracy where nothing was sampled.
    private static func scores(of run: RunDigest) -> String {
        let values = run.evaluations.compactMap { $0.metrics[\.sampledMean] ?? $0.metrics[\.greedyAccuracy] }
        guard let first = values.first, let last = values.last else { return "-" }
        let text = { (value: Double) in (value * 100).text(decimals: 1) }
        return values.count > 1 ? "\(text(first)) to \(text(last)) %" : "\(text(first)) %"
    }

    /// In the time zone of whoever looks.
    static func time(_ date: Date) -> String {
        date.formatted(
            Date.ISO8601FormatStyle(dateTimeSeparator: .space, timeZone: .current).year().month().day().time(
                includingFractionalSeconds: false))
    }
}
