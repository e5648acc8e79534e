import EADCore
import EADProtocol
import Testing

@Suite struct RunPlanTests {
    private func evaluated(_ plan: RunPlan) -> [UInt64] {
        (0..<20).filter { plan.evaluates(PolicyVersion($0)) }
    }

    @Test func theFirstAndTheLastVersionAreEvaluatedWhenAskedFor() {
        #expect(self.evaluated(RunPlan(steps: 5, evaluatesBefore: true, evaluatesAfter: true)) == [0, 5])
        #expect(self.evaluated(RunPlan(steps: 5, evaluatesBefore: false, evaluatesAfter: true)) == [5])
        #expect(self.evaluated(RunPlan(steps: 5, evaluatesBefore: true, evaluatesAfter: false)) == [0])
        #expect(self.evaluated(RunPlan(steps: 5, evaluatesBefore: false, evaluatesAfter: false)) == [])
    }

    @Test func regularEvaluationsFallBetweenSteps() {
        let plan = RunPlan(steps: 6, evaluatesBefore: false, evaluatesAfter: false, evaluationInterval: 2)
        #expect(self.evaluated(plan) == [2, 4, 6])
    }

    @Test func aRunWithoutStepsEvaluatesOnce() {
        #expect(self.evaluated(RunPlan(steps: 0, evaluatesBefore: true, evaluatesAfter: true)) == [0])
        #expect(self.evaluated(RunPlan(steps: 0, evaluatesBefore: false, evaluatesAfter: true)) == [0])
    }
}
