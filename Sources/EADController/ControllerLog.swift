import EADCore
import EADMessages
import EADMetrics
import EADRuntime
import Foundation

/// The run's files of record: `run.jsonl` for steps, evaluations and events, `evaluations.jsonl` for every sample.
final class ControllerLog {
    /// The reports of all steps logged before this start; of a step trained again, the last.
    let reports: [StepReport]
    private var run: RunLog
    private var samples: RunLog
    private var step = GlobalStep(0)

    /// - Throws: `RunLogError` when a file cannot be opened, or holds something else than a run log.
    init(_ directory: RunDirectory) throws {
        self.run = try RunLog(path: directory.log.path, durability: .disk)
        self.samples = try RunLog(path: directory.evaluations.path)
        var reports: [GlobalStep: StepReport] = [:]
        for record in try RunLog.read(path: directory.log.path) where record.kind == .step {
            reports[record.step] = StepReport(record)
        }
        self.reports = reports.values.sorted { $0.step < $1.step }
    }

    func append(_ event: RunEvent) throws {
        if case .evaluatedSamples(let version, let problem, let drawn) = event {
            for sample in drawn { try self.samples.append(RunRecord(version, problem, sample)) }
            return
        }
        let record = RunRecord(event, step: self.step)
        self.step = record.step
        try self.run.append(record)
    }
}

extension StepReport {
    /// Nil when the record was not written by `RunRecord.init(_:step:)`.
    fileprivate init?(_ record: RunRecord) {
        guard let hash = record.notes["root_hash"], let bytes = [UInt8](hexadecimal: hash) else { return nil }
        self.init(
            step: record.step, version: PolicyVersion(record.step.rawValue + 1), rootHash: bytes,
            metrics: record.values.sorted { $0.key < $1.key }.map { Metric(name: $0.key, value: $0.value) })
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
            self.values = ["silent_seconds": silent / .seconds(1), "leases": Double(leases)]
        case .leaseExpired(let group, let node, let attempt):
            describe("lease_expired", ["group": "\(group)", "node": "\(node)"])
            self.values = ["attempt": Double(attempt)]
        case .stepped(let report):
            self.kind = .step
            self.step = report.step
            self.values = Dictionary(report.metrics.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
            self.notes = ["root_hash": report.rootHash.hexadecimal]
        case .rewound(let from, let to):
            self.step = to
            describe("rewound")
            self.values = ["from": Double(from.rawValue), "to": Double(to.rawValue)]
        case .evaluated(let report):
            self.kind = .evaluation
            self.step = GlobalStep(report.version.rawValue)
            self.values = [
                "problems": Double(report.problems), "greedy_accuracy": Double(report.greedyAccuracy),
                "strict_greedy_accuracy": Double(report.strictGreedyAccuracy),
                "sampled_accuracy": Double(report.sampledAccuracy), "pass_at_k": Double(report.passAtK),
                "samples_per_problem": Double(report.samplesPerProblem),
            ]
        case .paused(let paused): describe(paused ? "paused" : "resumed")
        case .finished: describe("finished")
        case .evaluatedSamples: preconditionFailure("samples go to their own file")
        }
    }

    fileprivate init(_ version: PolicyVersion, _ problem: Problem, _ sample: EvaluatedSample) {
        self.init(
            kind: .evaluation, time: Date().timeIntervalSince1970, step: GlobalStep(version.rawValue),
            values: [
                "problem": Double(problem.index), "greedy": sample.greedy ? 1 : 0, "reward": Double(sample.reward),
                "strict_reward": Double(sample.strictReward), "tokens": Double(sample.tokens),
                "scored": sample.isScored ? 1 : 0,
            ], notes: ["response": sample.text, "answer": problem.answer])
    }
}
