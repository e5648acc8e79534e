import EADAlgorithms
import EADConfiguration
import EADCore
import EADEngine
import EADEnvironments
import EADFiles
import EADModels
import EADTelemetry

/// The policy that is trained, in its engine and in checkpoints.
///
/// Used by one thread at a time.
final class FineTunedPolicy {
    private(set) var step: GlobalStep
    private(set) var checkpoint: Checkpoint?
    private let engine: any TrainingEngine
    private let store: CheckpointStore
    private let record: FineTuningRecord
    private let plan: FineTuningPlan
    private var order: BatchOrder

    init(
        _ plan: FineTuningPlan, _ record: FineTuningRecord, start: borrowing StartingPoint, store: CheckpointStore,
        engines: any EngineFactory
    ) throws {
        self.engine = try engines.training(
            plan.file.shape,
            ComputeConfiguration(
                precision: plan.settings.precision, threads: plan.settings.threads,
                rowLimit: plan.settings.microBatchRows),
            parameters: start.parameters)
        if start.checkpoint != nil { try self.engine.restore(start.state) }
        self.checkpoint = start.checkpoint
        self.step = start.checkpoint?.state.step ?? GlobalStep(0)
        self.plan = plan
        self.record = record
        self.store = store
        self.order = plan.order
    }

    /// One update, and what was measured on the way.
    /// - Throws: `EngineError`; `CancellationError`, with the weights as they were.
    func train() throws -> MetricValues {
        let start = ContinuousClock.now
        let step = self.step
        let batch = self.order.batch(of: step.rawValue).map { self.plan.split.training[$0] }
        let loss = try CrossEntropy(gradientOf: batch, in: self.engine)
        var optimizer = self.plan.settings.optimizer
        let rate = self.plan.schedule.rate(at: step.rawValue)
        optimizer.learningRate = Float(rate)
        let update = try self.engine.update(optimizer)
        self.step = step.next
        let seconds = start.duration(to: .now) / .seconds(1)
        var values = MetricValues()
        values[\.crossEntropy] = loss.mean
        values[\.demonstrations] = Double(batch.count)
        values[\.demonstratedTokens] = Double(loss.tokens)
        values[\.gradientNorm] = update.gradientNorm
        values[\.learningRate] = rate
        values[\.trainingSeconds] = seconds
        values[\.trainingTokensPerSecond] = Double(loss.computed) / max(seconds, 1e-9)
        return values
    }

    /// The loss on held-out demonstrations; nil when none are held out.
    func heldOutLoss() throws -> Double? { try CrossEntropy(self.plan.split.heldOut, under: self.engine).mean }

    /// Makes the current weights and moments durable, unless they are.
    func save() throws(CheckpointError) {
        guard self.checkpoint?.state.step != self.step else { return }
        let state = CheckpointState(
            step: self.step, updates: UInt64(self.engine.updates), run: self.record.run,
            configurationHash: self.record.hash.hexadecimal, shape: self.plan.file.shape)
        let saved = self.engine.saved
        self.checkpoint = try self.store.save(
            state, parameters: saved.parameters, firstMoments: saved.firstMoments, secondMoments: saved.secondMoments,
            companions: self.plan.companions)
    }
}
