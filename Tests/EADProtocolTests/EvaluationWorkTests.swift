import EADCore
import EADProtocol
import Testing

@Suite struct EvaluationWorkTests {
    typealias Bench = WorkHarness
    private let now = ContinuousClock.now

    @Test func anEvaluationIsPinnedToItsVersion() {
        var work = Bench.evaluation(4)
        let leases = work.offers(now: self.now)
        #expect(leases.map(\.group) == (0..<3).map { GroupID(purpose: .evaluation, step: GlobalStep(4), slot: $0) })
        #expect(leases.map(\.problem.index) == [4, 5, 6] && leases.allSatisfy { $0.samples == 2 })
        for version in UInt64(0)..<8 {
            #expect(leases[0].allows(PolicyVersion(version)) == (version == 4))
        }
    }

    @Test func answersComeInAnyOrderAndTheFirstOneCounts() {
        var work = Bench.evaluation()
        let leases = work.offers(now: self.now)
        for place in [2, 0, 1] {
            #expect(!work.isComplete && !work.isAnswered(leases[place].group))
            work.accept(Bench.answer(reward: Float(place)), for: leases[place].group)
            work.accept(Bench.answer(reward: 9), for: leases[place].group)
        }
        #expect(work.isComplete && work.holders.isEmpty)
        #expect(work.answered.map(\.problem.index) == [4, 5, 6])
        #expect(work.answered.map { $0.samples[0].verdict?.reward } == [0, 1, 2])
    }

    @Test func anAnswerHasAsManyResponsesAsWereAskedFor() {
        let work = Bench.evaluation()
        #expect(work.objection(to: Bench.answer()) == nil)
        #expect(work.objection(to: Bench.answer(1)) == "1 sampled and 1 greedy responses came, 2 and 1 were wanted")
        #expect(work.objection(to: Bench.answer(2, greedy: 0)) != nil && work.objection(to: []) != nil)
    }

    @Test func groupsOfTrainingAndOfOtherVersionsAreNotItsOwn() {
        let work = Bench.evaluation(4)
        #expect(work.covers(GroupID(purpose: .evaluation, step: GlobalStep(4), slot: 2)))
        for group in [
            GroupID(purpose: .evaluation, step: GlobalStep(4), slot: 3),
            GroupID(purpose: .evaluation, step: GlobalStep(5), slot: 0), GroupID(step: GlobalStep(4), slot: 0),
        ] {
            #expect(!work.covers(group))
        }
    }

    @Test func theGroupsOfAWorkerThatIsGoneAreOfferedAgain() {
        var work = Bench.evaluation()
        let leases = work.offers(now: self.now)
        work.accept(Bench.answer(), for: leases[1].group)
        #expect(work.release(NodeID("a")).map(\.held) == [leases[0].id, leases[2].id])
        #expect(work.offers(to: NodeID("b"), now: self.now).map(\.attempt) == [2, 2])
    }
}
