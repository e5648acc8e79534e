package import EADCore

/// A held-out problem with its scored responses: the sampled ones in order, the greedy one anywhere among them.
package struct GradedProblem: Hashable, Sendable {
    package var problem: Problem
    package var samples: [EvaluatedSample]

    package init(problem: Problem, samples: [EvaluatedSample]) {
        self.problem = problem
        self.samples = samples
    }

    /// The responses drawn by the schedule that have a score.
    var drawn: [EvaluatedSample] { self.samples.filter { !$0.greedy && $0.isScored } }

    var greedy: EvaluatedSample? { self.samples.first { $0.greedy && $0.isScored } }
}
