import EADConfiguration
import EADCore
import EADProtocol
import EADRuntime
import EADSampling
import EADTasks

extension ControllerSettings {
    /// Loads the task and takes the rest from the cluster file.
    /// - Throws: `TaskError` naming file and line when the problems cannot be loaded.
    init(_ configuration: ClusterConfiguration) throws {
        let task = try TaskSource.load(configuration.task, baseDirectory: "")
        let evaluation = configuration.evaluation
        let heldOut =
            evaluation.problems > 0 ? Array(task.heldOut.prefix(evaluation.problems)) : task.heldOut
        let seed = configuration.run.seed
        self.init(
            runName: configuration.run.name,
            plan: RunPlan(
                steps: UInt64(configuration.run.steps), evaluatesBefore: evaluation.before,
                evaluatesAfter: evaluation.after, evaluationInterval: UInt64(evaluation.every)),
            samplesPerGroup: UInt32(configuration.training.samplesPerPrompt), seed: seed,
            configurationHash: configuration.hash, nodes: configuration.nodes,
            control: SecurityConfiguration.control, training: task.training,
            heldOut: evaluation.isWanted ? heldOut : [], evaluationSamples: UInt32(evaluation.samples),
            order: EpochOrder(
                problemCount: task.training.count, promptsPerStep: configuration.training.promptsPerStep
            ) { count, epoch in permutation(count: count, seed: seed, stream: epoch).map { UInt32($0) } },
            leaseDuration: configuration.protocol.leaseDuration, offerTimeout: configuration.protocol.offerTimeout,
            maximumAttempts: configuration.protocol.maximumAttempts, liveness: configuration.protocol.liveness,
            farewell: .seconds(30))
    }
}
