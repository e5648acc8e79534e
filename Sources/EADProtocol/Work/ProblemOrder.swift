package import EADCore

/// Which problems each step trains on: the passes' permutations one after another, cut into steps.
///
/// Position i of the endless sequence is entry i mod n of the permutation of pass i div n, and step s takes the
/// positions s p to s p + p - 1. So every problem comes exactly once per pass, also where p does not divide n.
package struct ProblemOrder: Sendable {
    /// n, at least 1.
    package let problemCount: Int
    /// p, at least 1.
    package let promptsPerStep: Int
    private let permutation: @Sendable (_ count: Int, _ pass: UInt64) -> [UInt32]

    /// - Parameter permutation: An order of 0..<count for the pass; always the same one for the same arguments.
    package init(
        problemCount: Int, promptsPerStep: Int,
        permutation: @escaping @Sendable (_ count: Int, _ pass: UInt64) -> [UInt32]
    ) {
        precondition(problemCount >= 1 && promptsPerStep >= 1, "an pass and a step hold at least one problem")
        self.problemCount = problemCount
        self.promptsPerStep = promptsPerStep
        self.permutation = permutation
    }

    /// The problem of each slot of a step.
    package func problems(of step: GlobalStep) -> [UInt32] {
        let count = UInt64(self.problemCount)
        var position = step.rawValue * UInt64(self.promptsPerStep)
        var problems: [UInt32] = []
        problems.reserveCapacity(self.promptsPerStep)
        while problems.count < self.promptsPerStep {
            let order = self.order(of: position / count)
            let offset = Int(position % count)
            let taken = order[offset..<min(order.count, offset + self.promptsPerStep - problems.count)]
            problems += taken
            position += UInt64(taken.count)
        }
        return problems
    }

    /// The pass of a step's first prompt, from 0.
    package func pass(of step: GlobalStep) -> UInt64 {
        step.rawValue * UInt64(self.promptsPerStep) / UInt64(self.problemCount)
    }

    private func order(of pass: UInt64) -> [UInt32] {
        Self.checked(self.permutation(self.problemCount, pass), count: self.problemCount)
    }

    static func checked(_ order: [UInt32], count: Int) -> [UInt32] {
        var seen = [Bool](repeating: false, count: count)
        for problem in order {
            precondition(problem < UInt32(count) && !seen[Int(problem)], "not a permutation")
            seen[Int(problem)] = true
        }
        precondition(order.count == count, "not a permutation")
        return order
    }
}
