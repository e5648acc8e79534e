public import EADCore

/// A held-out problem with its scored responses: the sampled ones in order, the greedy one anywhere among them.
public struct GradedProblem: Hashable, Sendable {
    public var problem: Problem
    public var samples: [EvaluatedSample]

    public init(problem: Problem, samples: [EvaluatedSample]) {
        self.problem = problem
        self.samples = samples
    }

    /// The responses drawn by the schedule that have a score.
    var drawn: [EvaluatedSample] { self.samples.filter { !$0.greedy && $0.isScored } }

    var greedy: EvaluatedSample? { self.samples.first { $0.greedy && $0.isScored } }
}
