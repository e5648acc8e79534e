public import EADCore

/// Which problems each step trains on: the epochs' permutations one after another, cut into steps.
///
/// Position i of the endless sequence is entry i mod n of the permutation of epoch i div n, and step s takes the
/// positions s p to s p + p - 1. So every problem comes exactly once per epoch, also where p does not divide n.
public struct EpochOrder: Sendable {
    /// n, at least 1.
    public let problemCount: Int
    /// p, at least 1.
    public let promptsPerStep: Int
    private let permutation: @Sendable (_ count: Int, _ epoch: UInt64) -> [UInt32]

    /// - Parameter permutation: An order of 0..<count for the epoch; always the same one for the same arguments.
    public init(
        problemCount: Int, promptsPerStep: Int,
        permutation: @escaping @Sendable (_ count: Int, _ epoch: UInt64) -> [UInt32]
    ) {
        precondition(problemCount >= 1 && promptsPerStep >= 1, "an epoch and a step hold at least one problem")
        self.problemCount = problemCount
        self.promptsPerStep = promptsPerStep
        self.permutation = permutation
    }

    /// The problem of each slot of a step.
    public func problems(of step: GlobalStep) -> [UInt32] {
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

    /// The epoch of a step's first prompt, from 0.
    public func epoch(of step: GlobalStep) -> UInt64 {
        step.rawValue * UInt64(self.promptsPerStep) / UInt64(self.problemCount)
    }

    private func order(of epoch: UInt64) -> [UInt32] {
        Self.checked(self.permutation(self.problemCount, epoch), count: self.problemCount)
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
