package import EADCore

/// What the groups of every step sample: a function of step and slot alone, so that nothing has to be remembered.
///
/// The slots of a step begin with its own prompts; behind them are the replacements of filtered groups.
package struct Curriculum: Sendable {
    /// Training problems by index.
    package let problems: [Problem]
    /// The prompts of each step, in order of slot.
    package let order: ProblemOrder
    /// Problems in the place of filtered groups.
    package let replacements: ReplacementOrder
    /// Groups that may be sampled for one step.
    package let maximumSlots: Int
    /// Responses per group.
    package let samples: UInt32
    /// The seed of the run: key of the random numbers of everything that is no replacement.
    package let seed: UInt64

    package init(
        problems: [Problem], order: ProblemOrder, replacements: ReplacementOrder, maximumSlots: Int, samples: UInt32,
        seed: UInt64
    ) {
        precondition(maximumSlots >= order.promptsPerStep, "a step has a slot for each of its prompts")
        self.problems = problems
        self.order = order
        self.replacements = replacements
        self.maximumSlots = maximumSlots
        self.samples = samples
        self.seed = seed
    }

    /// What the first `count` slots of a step sample; nil for its own prompts alone.
    package func items(of step: GlobalStep, count: Int? = nil) -> [WorkTable.Item] {
        let own = self.order.problems(of: step).map { WorkTable.Item(problem: self.problems[Int($0)], seed: self.seed) }
        guard let count, count > own.count else { return own }
        return own
            + self.replacements.candidates(of: step, count: count - own.count).map {
                WorkTable.Item(problem: self.problems[Int($0.problem)], seed: $0.seed)
            }
    }
}
