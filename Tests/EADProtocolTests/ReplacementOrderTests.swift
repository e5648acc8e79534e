import EADCore
import EADProtocol
import EADTestKit
import Testing

@Suite struct ReplacementOrderTests {
    private static func order(_ problems: Int, _ prompts: Int) -> ProblemOrder {
        ProblemOrder(problemCount: problems, promptsPerStep: prompts) { count, pass in Self.shuffled(count, pass, 0) }
    }

    private static func replacements(_ order: ProblemOrder) -> ReplacementOrder {
        ReplacementOrder(order) {
            7 + $0
        } permutation: { count, seed, step in
            Self.shuffled(count, seed, step.rawValue)
        }
    }

    private static func shuffled(_ count: Int, _ seed: UInt64, _ stream: UInt64) -> [UInt32] {
        var random = SplitMix64(seed: seed &* 1000 &+ stream)
        return (0..<UInt32(count)).shuffled(using: &random)
    }

    @Test(arguments: 0..<100) func replacementsAreNewToTheStepUntilAllProblemsAreUsed(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let order = Self.order(Int.random(in: 1...30, using: &random), Int.random(in: 1...12, using: &random))
        let step = GlobalStep(UInt64.random(in: 0..<50, using: &random))
        let own = Set(order.problems(of: step))
        let fresh = order.problemCount - own.count
        let candidates = Self.replacements(order).candidates(of: step, count: fresh + 2 * order.problemCount)
        #expect(Set(candidates.prefix(fresh).map(\.problem)) == Set(0..<UInt32(order.problemCount)).subtracting(own))
        #expect(candidates.prefix(fresh).allSatisfy { $0.seed == 7 })
        for round in 1...2 {
            let start = fresh + (round - 1) * order.problemCount
            let problems = candidates[start..<start + order.problemCount]
            #expect(problems.map(\.problem).sorted() == Array(0..<UInt32(order.problemCount)))
            #expect(problems.allSatisfy { $0.seed == 7 + UInt64(round) })
        }
        // The same problem is never sampled twice with the same numbers.
        #expect(Set(candidates).count == candidates.count)
    }

    @Test func aCandidateDependsOnTheStepAndItsPlaceAlone() {
        let replacements = Self.replacements(Self.order(11, 4))
        let step = GlobalStep(3)
        let all = replacements.candidates(of: step, count: 40)
        for count in [0, 1, 6, 7, 8, 30] {
            _ = replacements.candidates(of: GlobalStep(UInt64(count)), count: count)
            #expect(replacements.candidates(of: step, count: count) == Array(all.prefix(count)))
        }
        #expect(replacements.candidates(of: GlobalStep(4), count: 7) != Array(all.prefix(7)))
    }
}
