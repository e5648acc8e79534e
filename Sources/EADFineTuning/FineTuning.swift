import EADConfiguration
package import EADCore
package import EADEngine
import EADEnvironments
import EADFiles
import EADModels
import EADRuntime
import EADTelemetry
import Foundation
import Synchronization

/// Supervised training on demonstrations, on a thread of its own: from the first step, or from where it was stopped.
///
/// The weights after each step are a function of the first weights, the demonstrations and the settings they depend on;
/// neither threads nor interruptions change a bit.
package actor FineTuning {
    package enum Event: Sendable {
        /// Everything is read; training begins after so many steps.
        case began(FineTuningPlan, after: GlobalStep)
        /// A checkpoint that cannot be used was passed over.
        case passedOver(CheckpointError)
        /// So many steps are done; what the last one measured.
        case trained(GlobalStep, MetricValues)
        case evaluated(after: GlobalStep, loss: Double)
    }

    package struct Outcome: Sendable {
        package let isFinished: Bool
        package let step: GlobalStep
        /// Nil when it was stopped before the first step was done.
        package let checkpoint: Checkpoint?
        /// Of the last look at held-out demonstrations.
        package let heldOutLoss: Double?
    }

    /// What training goes on from, and what the directory is of.
    private struct Beginning: ~Copyable {
        let start: StartingPoint
        let record: FineTuningRecord
    }

    private let executor = ThreadExecutor(name: "engine")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

    private let settings: FineTuningSettings
    private let directory: RunLayout
    private let engines: any EngineFactory
    private nonisolated let isStopped = Mutex(false)

    package init(_ settings: FineTuningSettings, directory: String, engines: any EngineFactory) {
        self.settings = settings
        self.directory = RunLayout(directory)
        self.engines = engines
    }

    /// Has training end after the step that is being computed; what it has come to is saved.
    package nonisolated func stop() { self.isStopped.withLock { $0 = true } }

    /// Trains until the last step, or until it is stopped.
    ///
    /// - Throws: `RoleFailure` for settings that are not those of what is in the directory, and whatever keeps model,
    ///   demonstrations or checkpoints from being used.
    package func run(report: @Sendable (Event) -> Void) throws -> Outcome {
        let plan = try FineTuningPlan(self.settings)
        guard !FileTree.exists(self.directory.snapshot) else {
            throw RoleFailure(.usage, "\(self.directory.path) holds a run of a cluster; name another directory")
        }
        try FileTree.createDirectory(self.directory.path, access: .owner)
        var log = try RunLog(path: self.directory.log)
        let store = CheckpointStore(directory: self.directory.checkpoints, keep: self.settings.keep)
        try store.prepare()
        let beginning = try self.beginning(plan, store, report: report)
        let record = beginning.record
        let policy = try FineTunedPolicy(plan, record, start: beginning.start, store: store, engines: self.engines)
        report(.began(plan, after: policy.step))
        func append(_ kind: RunRecord.Kind, _ step: GlobalStep, _ values: MetricValues, _ notes: [String: String] = [:])
            throws
        {
            try log.append(
                RunRecord(kind: kind, time: Date.now.timeIntervalSince1970, step: step, values: values, notes: notes))
        }
        try append(.event, policy.step, [:], ["event": "started", "run": "\(record.run)"])
        var heldOutLoss: Double?
        func evaluate() throws {
            guard let loss = try policy.heldOutLoss() else { return }
            heldOutLoss = loss
            var values = MetricValues()
            values[\.heldOutLoss] = loss
            values[\.heldOutDemonstrations] = Double(plan.split.heldOut.count)
            try append(.evaluation, policy.step, values)
            report(.evaluated(after: policy.step, loss: loss))
        }
        if policy.step == GlobalStep(0) { try evaluate() }
        while policy.step.rawValue < plan.steps, !self.isStopped.withLock({ $0 }) {
            let step = policy.step
            let values = try policy.train()
            try append(.step, step, values)
            report(.trained(policy.step, values))
            let done = policy.step.rawValue
            if done % plan.evaluateEvery == 0 || done == plan.steps { try evaluate() }
            if done % UInt64(self.settings.checkpointEvery) == 0 { try policy.save() }
        }
        let isFinished = policy.step.rawValue >= plan.steps
        if policy.step > GlobalStep(0) { try policy.save() }
        try append(.event, policy.step, [:], ["event": isFinished ? "finished" : "stopped"])
        return Outcome(
            isFinished: isFinished, step: policy.step, checkpoint: policy.checkpoint, heldOutLoss: heldOutLoss)
    }

    /// The newest checkpoint of the directory, or the first weights; and what the directory is of.
    private func beginning(
        _ plan: FineTuningPlan, _ store: CheckpointStore, report: (Event) -> Void
    ) throws -> Beginning {
        var record = FineTuningRecord(lasting: [:], settings: plan.described)
        let start = try StartingPoint(count: plan.file.layout.count) { parameters, first, second in
            switch plan.settings.origin {
            case .model: try plan.file.readParameters(into: parameters, threads: plan.settings.threads)
            case .random: try InitialWeights(plan.file, seed: plan.settings.seed).fill(parameters)
            }
            record.lasting = plan.lasting(
                firstWeights: FineTuningPlan.hash { $0(UnsafeRawBufferPointer(parameters)) })
            if let earlier = try FineTuningRecord(in: self.directory) {
                let differences = record.differences(from: earlier)
                guard differences.isEmpty else {
                    throw RoleFailure(
                        .configuration,
                        "\(self.directory.path) holds a fine-tuning with other settings: "
                            + "\(differences.map(\.description).joined(separator: "; ")); go on with those, or name another "
                            + "directory")
                }
            }
            try record.save(in: self.directory)
            let found = try store.restore(
                plan.file.layout, parameters: parameters, firstMoments: first, secondMoments: second)
            for broken in found?.broken ?? [] { report(.passedOver(broken)) }
            guard let checkpoint = found?.checkpoint else { return nil }
            guard checkpoint.state.configurationHash == record.hash.hexadecimal else {
                throw RoleFailure(
                    .configuration,
                    "\(checkpoint.path) is of another training than \(self.directory.fineTuning) says; name another directory"
                )
            }
            return checkpoint
        }
        return Beginning(start: start, record: record)
    }
}
