import EADCore
import EADTestKit
import Testing

@testable import EADReport

struct ReportedRunTests {
    @Test func aStepTrainedAgainCountsOnce() {
        let run = Runs.run(records: [
            Runs.step(0, ["reward": 0.1]), Runs.step(1, ["reward": 0.2]), Runs.step(1, ["reward": 0.3]),
        ])
        #expect(run.steps.mapValues { $0["reward"] } == [0: 0.1, 1: 0.3])
        #expect(run.stepsDone == 2)
    }

    @Test func minutesAreThoseTheRunWasUp() {
        let run = Runs.run(records: [
            Runs.event("started", at: 60), Runs.step(0, at: 180, [:]),
            // Down for an hour.
            Runs.event("started", at: 3780), Runs.step(1, at: 3840, [:]), Runs.event("finished", at: 3900),
        ])
        #expect(run.minutes == 4)
        #expect(run.isFinished)
    }

    @Test func aRunThatGoesOnAfterItsEndIsUnfinished() {
        let run = Runs.run(records: [
            Runs.event("started", at: 0), Runs.event("finished", at: 1), Runs.event("started", at: 2),
        ])
        #expect(!run.isFinished)
    }

    /// `ead-ctl eval` may have asked for 64 samples in between.
    @Test func anEvaluationAsPlannedIsNotReplacedByAnother() {
        let planned = Runs.evaluation(4, ["samples": 8, "mean": 0.5])
        let other = Runs.evaluation(4, ["samples": 64, "mean": 0.6])
        let settings = ["evaluation.samples": "8"]
        for records in [[planned, other], [other, planned], [other, planned, other]] {
            #expect(Runs.run(settings: settings, records: records).evaluations[4]?["mean"] == 0.5)
        }
        #expect(Runs.run(settings: settings, records: [other]).evaluations[4]?["mean"] == 0.6)
    }
}
