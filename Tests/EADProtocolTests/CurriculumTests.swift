import EADCore
import EADProtocol
import Testing

@Suite struct CurriculumTests {
    @Test func aStepBeginsWithItsPromptsAndItsReplacementsFollow() {
        let curriculum = WorkHarness.curriculum
        for step in (0..<9).map({ GlobalStep($0) }) {
            let own = WorkHarness.order.problems(of: step)
            let others = curriculum.replacements.candidates(of: step, count: 3)
            #expect(curriculum.items(of: step).map(\.problem.index) == own)
            #expect(curriculum.items(of: step, count: 2) == curriculum.items(of: step))
            let items = curriculum.items(of: step, count: 6)
            #expect(items.map(\.problem.index) == own + others.map(\.problem))
            #expect(items.map(\.seed) == [5, 5, 5] + others.map(\.seed))
        }
    }
}
