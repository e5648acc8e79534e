import EADCore
import EADProtocol
import EADTestKit
import Testing

@Suite struct ProblemOrderTests {
    /// Fisher and Yates on the test's own generator: any fixed permutation will do.
    private static func permutation(count: Int, pass: UInt64) -> [UInt32] {
        var random = SplitMix64(seed: 0xEAD &+ pass)
        var order = Array(0..<UInt32(count))
        order.shuffle(using: &random)
        return order
    }

    @Test(arguments: [(1, 1), (1, 5), (7, 3), (16, 16), (200, 16), (10, 25), (5, 5), (13, 1)])
    func everyProblemComesOncePerEpochWhereverStepsEnd(count: Int, perStep: Int) {
        let order = ProblemOrder(problemCount: count, promptsPerStep: perStep) { Self.permutation(count: $0, pass: $1) }
        let steps = (0..<UInt64(4 * count)).map { order.problems(of: GlobalStep($0)) }
        #expect(steps.allSatisfy { $0.count == perStep })
        let sequence = Array(steps.joined())
        for pass in 0..<(sequence.count / count) {
            let part = sequence[(pass * count)..<((pass + 1) * count)]
            #expect(Array(part) == Self.permutation(count: count, pass: UInt64(pass)))
        }
    }

    @Test func aStepIsTheSameWhicheverWasAskedBefore() {
        let order = ProblemOrder(problemCount: 11, promptsPerStep: 4) { Self.permutation(count: $0, pass: $1) }
        let forwards = (0..<UInt64(20)).map { order.problems(of: GlobalStep($0)) }
        let backwards = (0..<UInt64(20)).reversed().map { order.problems(of: GlobalStep($0)) }
        #expect(forwards == backwards.reversed())
    }

    @Test func passesFollowTheSteps() {
        let order = ProblemOrder(problemCount: 10, promptsPerStep: 4) { count, _ in Array(0..<UInt32(count)) }
        #expect((0..<UInt64(6)).map { order.pass(of: GlobalStep($0)) } == [0, 0, 0, 1, 1, 2])
        #expect(order.problems(of: GlobalStep(2)) == [8, 9, 0, 1])
    }
}
