package import EADCore

/// Which problems take the place of groups that a step's filter refused.
///
/// The candidates of a step are a function of the step and their position alone, so a restart needs to remember
/// nothing. Round 0 has all problems that are not among the step's own prompts; rounds 1, 2, ... have all problems, each
/// round with a seed of its own: a problem that comes a second time in a step is sampled anew.
package struct ReplacementOrder: Sendable {
    package struct Candidate: Hashable, Sendable {
        package var problem: UInt32
        /// Key of the random numbers it is sampled with.
        package var seed: UInt64
    }

    private let order: ProblemOrder
    private let seed: @Sendable (_ round: UInt64) -> UInt64
    private let permutation: @Sendable (_ count: Int, _ seed: UInt64, _ step: GlobalStep) -> [UInt32]

    /// - Parameters:
    ///   - order: Whose prompts are replaced.
    ///   - seed: The seed of a round; that of round 0 is the run's.
    ///   - permutation: An order of 0..<count; always the same one for the same arguments.
    package init(
        _ order: ProblemOrder, seed: @escaping @Sendable (_ round: UInt64) -> UInt64,
        permutation: @escaping @Sendable (_ count: Int, _ seed: UInt64, _ step: GlobalStep) -> [UInt32]
    ) {
        self.order = order
        self.seed = seed
        self.permutation = permutation
    }

    /// The first `count` candidates of a step.
    package func candidates(of step: GlobalStep, count: Int) -> [Candidate] {
        var candidates: [Candidate] = []
        candidates.reserveCapacity(count)
        var round: UInt64 = 0
        while candidates.count < count {
            let seed = self.seed(round)
            let taken = round == 0 ? Set(self.order.problems(of: step)) : []
            let count = self.order.problemCount
            let problems = ProblemOrder.checked(self.permutation(count, seed, step), count: count)
            candidates += problems.filter { !taken.contains($0) }.map { Candidate(problem: $0, seed: seed) }
            round += 1
        }
        return Array(candidates.prefix(count))
    }
}
