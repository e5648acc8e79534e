import EADConfiguration
import EADCore
import EADEnvironments
import EADProtocol
import EADSampling

extension ControllerSettings {
    /// Streams of the run's seed besides those of its epochs, which count from 0.
    private enum Stream {
        /// The order of a step's replacements; the step is added.
        static let replacements: UInt64 = 1 << 63
        /// The seed of a round of replacements; its number is added.
        static let rounds: UInt64 = 1 << 62
    }

    /// - Parameter task: The problems of the cluster file's task.
    init(_ configuration: ClusterConfiguration, task: TaskSource) {
        let evaluation = configuration.evaluation
        let heldOut = Array(task.heldOut.prefix(evaluation.problemCount(of: task.heldOut.count)))
        let seed = configuration.run.seed
        let order = ProblemOrder(
            problemCount: task.training.count, promptsPerStep: configuration.training.promptsPerStep
        ) { count, pass in permutation(count: count, seed: seed, stream: pass).map { UInt32($0) } }
        let replacements = ReplacementOrder(order) { round in
            guard round > 0 else { return seed }
            var generator = PhiloxGenerator(seed: seed, stream: Stream.rounds + round)
            return generator.next()
        } permutation: { count, seed, step in
            permutation(count: count, seed: seed, stream: Stream.replacements + step.rawValue).map { UInt32($0) }
        }
        self.init(
            runName: configuration.run.name,
            plan: RunPlan(
                steps: UInt64(configuration.run.steps), evaluatesBefore: evaluation.before,
                evaluatesAfter: evaluation.after, evaluationInterval: UInt64(evaluation.every)),
            configurationHash: configuration.hash, sharedLines: configuration.sharedLines,
            nodes: configuration.nodes, control: SecurityConfiguration.control,
            curriculum: Curriculum(
                problems: task.training, order: order, replacements: replacements,
                maximumSlots: configuration.maximumSlots, samples: UInt32(configuration.training.samplesPerPrompt),
                seed: seed),
            gate: StalenessGate(bound: UInt64(configuration.training.stalenessBound)), heldOut: heldOut,
            evaluationSamples: UInt32(evaluation.samples),
            maximumEvaluationSamples: UInt32(configuration.maximumEvaluationSamples),
            evaluatesGreedily: evaluation.greedy,
            terms: LeaseTerms(
                duration: configuration.protocol.leaseDuration, offerTimeout: configuration.protocol.offerTimeout,
                maximumAttempts: configuration.protocol.maximumAttempts),
            liveness: configuration.protocol.liveness, farewell: Fixed.farewell.value,
            overdueAfter: configuration.protocol.overdueAfter,
            maximumIdleSteps: configuration.training.maxIdleSteps)
    }
}
