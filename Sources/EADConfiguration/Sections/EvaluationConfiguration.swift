package import EADSampling

/// When the held-out problems are answered, and how.
package struct EvaluationConfiguration: Hashable, Sendable {
    /// Before the first step.
    package var before: Bool
    /// After the last step.
    package var after: Bool
    /// After every so many steps; 0 for never.
    package var every: Int
    /// Held-out problems used, from the first; 0 for all.
    package var problems: Int
    /// Responses sampled per problem.
    package var samples: Int
    /// Whether each problem is also answered greedily.
    package var greedy: Bool
    /// How the responses are sampled; read, it starts from the sampling in training.
    package var sampling: SamplingConfiguration

    package init(
        before: Bool = true, after: Bool = true, every: Int = 0, problems: Int = 0, samples: Int = 4,
        greedy: Bool = true,
        sampling: SamplingConfiguration = SamplingConfiguration(schedule: .annealed(AnnealedSchedule()), maxTokens: 1)
    ) {
        self.before = before
        self.after = after
        self.every = every
        self.problems = problems
        self.samples = samples
        self.greedy = greedy
        self.sampling = sampling
    }

    /// Whether any evaluation takes place.
    package var isWanted: Bool { self.before || self.after || self.every > 0 }

    /// How many of so many held-out problems are used: the first ones.
    package func problemCount(of heldOut: Int) -> Int {
        self.problems > 0 ? min(self.problems, heldOut) : heldOut
    }

    /// - Parameter training: What `sampling` starts from.
    mutating func visit(_ visitor: some SettingVisitor, training: SamplingConfiguration) {
        visitor.setting("before", &self.before, .flag)
        visitor.setting("after", &self.after, .flag)
        visitor.setting("every", &self.every, .integer(0...1_000_000))
        visitor.setting("problems", &self.problems, .integer(0...1_000_000))
        visitor.setting("samples", &self.samples, .integer(0...1024))
        visitor.setting("greedy", &self.greedy, .flag)
        visitor.section("sampling", like: "sampling", training, &self.sampling) { $0.visit(visitor) }
    }
}
