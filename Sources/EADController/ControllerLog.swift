import EADCore
import EADEvaluation
import EADFiles
import EADMessages
import EADRuntime
import EADTelemetry
import Foundation
import Logging

/// The run's files of record: `run.jsonl` for steps, evaluations and events, and a file per evaluation for its responses.
final class ControllerLog {
    /// Bytes of the log's end that are read at the start, enough for all reports that a status can tell.
    private static let tailBytes = 8 << 20

    /// The reports of the last steps logged before this start; of a step trained again, the last.
    let reports: [StepReport]
    /// Lines among them that cannot be read; nothing depends on them.
    let damagedLines: Int
    private var run: RunLog
    private let directory: RunLayout
    private let logger: Logger
    /// The same for TensorBoard; nil where nobody wants it, or the disk did not take it.
    private var events: EventFile?
    private var step = GlobalStep(0)

    /// - Parameter withEvents: Whether TensorBoard is to be able to read it.
    /// - Throws: `FileError` when a file cannot be opened, or holds something else than a run log.
    init(_ directory: RunLayout, withEvents: Bool, logger: Logger) throws {
        self.run = try RunLog(path: directory.log, durability: .disk)
        self.directory = directory
        self.logger = logger
        var reports: [GlobalStep: StepReport] = [:]
        let end = try self.run.tail(bytes: Self.tailBytes)
        for record in end.records where record.kind == .step { reports[record.step] = StepReport(record) }
        self.damagedLines = end.damagedLines.count
        self.reports = reports.values.sorted { $0.step < $1.step }
        if withEvents { self.beginEvents() }
    }

    /// All that the log says, anew: whatever was torn or missing in an earlier file is whole in this one.
    private func beginEvents() {
        do throws(FileError) {
            try FileTree.createDirectory(self.directory.tensorBoard, access: .owner)
            var file = try EventFile(
                directory: self.directory.figureEvents, host: ProcessIdentity.host, process: ProcessIdentity.id,
                time: Date().timeIntervalSince1970)
            try file.append(try RunLog.read(path: self.directory.log).records)
            self.events = consume file
        } catch {
            self.logger.warning("nothing is written for TensorBoard: \(error)")
        }
    }

    func append(_ event: RunEvent) throws {
        let record = RunRecord(event, step: self.step)
        self.step = record.step
        try self.run.append(record)
        do throws(FileError) { try self.events?.append(record) } catch {
            self.events = nil
            self.logger.warning("nothing more is written for TensorBoard until the next start: \(error)")
        }
    }

    /// Replaces the file of an evaluation.
    /// - Parameter planned: Samples per problem of the planned evaluations, whose files are named by the step alone.
    func replaceEvaluation(_ report: EvaluationReport, _ graded: [GradedProblem], planned: Int) throws {
        let file = self.directory.evaluation(of: report.version, samples: Int(report.samples), planned: planned)
        try FileTree.createDirectory(self.directory.evaluations, access: .owner)
        let records = graded.flatMap {
            EvaluationRecord.records(version: report.version, problem: $0.problem, $0.samples)
        }
        try DurableFile.replace(file, with: EvaluationRecord.lines(records).bytes)
    }
}

extension StepReport {
    /// Nil when the record was not written by `RunRecord.init(_:step:)`.
    fileprivate init?(_ record: RunRecord) {
        guard let hash = record.notes["root_hash"], let bytes = [UInt8](hexadecimal: hash) else { return nil }
        self.init(
            step: record.step, version: record.step.endVersion, rootHash: bytes, metrics: record.values)
    }
}

extension RunRecord {
    /// - Parameter step: The step of events that name none.
    fileprivate init(_ event: RunEvent, step: GlobalStep) {
        self.init(kind: .event, time: Date().timeIntervalSince1970, step: step)
        func describe(_ name: String, _ notes: [String: String] = [:]) {
            self.notes = notes
            self.notes["event"] = name
        }
        switch event {
        case .started(let run, let resumedAt):
            self.step = resumedAt
            describe("started", ["run": "\(run)"])
        case .joined(let node, let epoch): describe("joined", ["node": "\(node)", "epoch": "\(epoch)"])
        case .left(let node, let reason): describe("left", ["node": "\(node)", "reason": reason])
        case .died(let node, let silent, let leases):
            describe("died", ["node": "\(node)"])
            self.values[\.silentSeconds] = silent / .seconds(1)
            self.values[\.releasedLeases] = Double(leases)
        case .leaseExpired(let group, let node, let attempt):
            describe("lease_expired", ["group": group.path, "node": "\(node)"])
            self.values[\.expiredAttempt] = Double(attempt)
        case .discarded(let group):
            self.step = group.lease.group.step
            describe(
                "discarded", ["group": group.lease.group.path, "node": "\(group.sender)", "reason": group.reason])
        case .stepped(let report):
            self.kind = .step
            self.step = report.step
            self.values = report.metrics
            self.notes = ["root_hash": report.rootHash.hexadecimal]
        case .rewound(let from, let to):
            self.step = to
            describe("rewound")
            self.values[\.rewoundFrom] = Double(from.rawValue)
            self.values[\.rewoundTo] = Double(to.rawValue)
        case .evaluated(let report):
            self.kind = .evaluation
            self.step = report.version.nextStep
            self.values = report.values
        case .paused(let paused): describe(paused ? "paused" : "resumed")
        case .finished: describe("finished")
        }
    }
}
