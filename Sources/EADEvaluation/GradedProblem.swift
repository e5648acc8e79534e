package import EADCore

/// A held-out problem with its scored responses: the sampled ones in order, the greedy one anywhere among them.
package struct GradedProblem: Hashable, Sendable {
    package var problem: Problem
    package var samples: [EvaluatedSample]

    package init(problem: Problem, samples: [EvaluatedSample]) {
        self.problem = problem
        self.samples = samples
    }

    /// The verdicts on the responses drawn by the schedule, as far as they have one.
    var drawn: [Verdict] { self.samples.filter { !$0.greedy }.compactMap(\.verdict) }

    var greedy: Verdict? { self.samples.lazy.filter(\.greedy).compactMap(\.verdict).first }
}
