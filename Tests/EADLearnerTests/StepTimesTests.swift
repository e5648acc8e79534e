import EADCore
import EADTestKit
import Testing

@testable import EADLearner

@Suite struct StepTimesTests {
    private let start = ContinuousClock.now

    /// Published at 0, the last group after 2 s, the checkpoint written until 5 s, trained until 9 s.
    @Test func writingACheckpointIsNotCollecting() {
        var times = StepTimes(publishedAt: self.start)
        times.wroteCheckpoint(in: .seconds(5))
        let collecting = times.collecting(StepPlanTests.groups, until: self.start + .seconds(2))
        #expect(collecting["collecting_seconds"] == 2 && collecting["checkpoint_seconds"] == 5)
        #expect(collecting["generation_tokens_per_second"] == 18)
        #expect(times.published(at: self.start + .seconds(9))["step_seconds"] == 9)
        // The next step has none.
        #expect(times.collecting([], until: self.start + .seconds(10))["checkpoint_seconds"] == nil)
    }

    @Test func groupsOfAnEarlierLifeWereNotCollectedByThisOne() {
        let times = StepTimes(publishedAt: self.start)
        #expect(times.collecting(StepPlanTests.groups, until: nil).isEmpty)
        let late = times.collecting(StepPlanTests.groups, until: self.start - .seconds(1))
        #expect(late == ["collecting_seconds": 0])
    }
}
