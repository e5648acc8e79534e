package import EADConfiguration
package import EADCore
package import EADProtocol
import EADSampling

extension Curriculum {
    /// Streams of the run's seed besides those of its epochs, which count from 0.
    private enum Stream {
        /// The order of a step's replacements; the step is added.
        static let replacements: UInt64 = 1 << 63
        /// The seed of a round of replacements; its number is added.
        static let rounds: UInt64 = 1 << 62
    }

    /// What the groups of a run sample.
    /// - Parameter problems: The training problems of the cluster file's task.
    package init(_ configuration: ClusterConfiguration, problems: [Problem]) {
        let seed = configuration.run.seed
        let order = ProblemOrder(
            problemCount: problems.count, promptsPerStep: configuration.training.promptsPerStep
        ) { count, pass in permutation(count: count, seed: seed, stream: pass).map { UInt32($0) } }
        let replacements = ReplacementOrder(order) { round in
            guard round > 0 else { return seed }
            var generator = PhiloxGenerator(seed: seed, stream: Stream.rounds + round)
            return generator.next()
        } permutation: { count, seed, step in
            permutation(count: count, seed: seed, stream: Stream.replacements + step.rawValue).map { UInt32($0) }
        }
        self.init(
            problems: problems, order: order, replacements: replacements, maximumSlots: configuration.maximumSlots,
            samples: UInt32(configuration.training.samplesPerPrompt), seed: seed)
    }
}
