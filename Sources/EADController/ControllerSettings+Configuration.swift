import EADConfiguration
import EADCore
import EADEnvironments
import EADProtocol
import EADRuntime

extension ControllerSettings {
    /// - Parameter task: The problems of the cluster file's task.
    init(_ configuration: ClusterConfiguration, task: TaskSource) {
        let evaluation = configuration.evaluation
        let heldOut = Array(task.heldOut.prefix(evaluation.problemCount(of: task.heldOut.count)))
        self.init(
            runName: configuration.run.name,
            plan: RunPlan(configuration),
            configurationHash: configuration.hash, sharedLines: configuration.sharedLines,
            nodes: configuration.nodes, control: SecurityConfiguration.control,
            curriculum: Curriculum(configuration, problems: task.training),
            gate: StalenessGate(bound: UInt64(configuration.training.stalenessBound)), heldOut: heldOut,
            evaluationSamples: UInt32(evaluation.samples),
            maximumEvaluationSamples: UInt32(configuration.maximumEvaluationSamples),
            evaluatesGreedily: evaluation.greedy,
            terms: LeaseTerms(
                duration: configuration.protocol.leaseDuration, offerTimeout: configuration.protocol.offerTimeout,
                maximumAttempts: configuration.protocol.maximumAttempts),
            liveness: configuration.protocol.liveness, farewell: Fixed.farewell.value,
            overdueAfter: configuration.protocol.overdueAfter,
            maximumIdleSteps: configuration.training.maxIdleSteps,
            copiesSlowGroups: configuration.protocol.secondCopies)
    }
}
