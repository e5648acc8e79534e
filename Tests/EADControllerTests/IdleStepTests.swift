import EADController
import EADCore
import EADMessages
import EADProtocol
import EADTestKit
import Testing

/// Nothing measured is not zero: steps that had nothing to learn from are told, degrade the run, and end it.
@Suite struct IdleStepTests {
    typealias Bench = ControllerHarness

    private static let equal: MetricValues = ["groups_with_advantage": 0, "reward": 0]
    private static let unscored: MetricValues = ["groups_with_advantage": 0, "unscored_rollouts": 6]
    private static let filtered: MetricValues = ["groups_with_advantage": 0, "groups_filtered": 3]
    private static let useful: MetricValues = ["groups_with_advantage": 2, "reward": 0.5]

    private func bench(limit: Int = 5) -> Bench {
        var bench = Bench(
            plan: RunPlan(steps: 30, evaluatesBefore: false, evaluatesAfter: false), maximumIdleSteps: limit)
        bench.learnerJoins()
        bench.hello(Bench.a)
        return bench
    }

    private func failure(_ effects: [Bench.State.Effect]) -> String? {
        effects.lazy.compactMap { if case .fail(let reason) = $0 { reason } else { nil } }.first
    }

    @Test(arguments: [
        (Self.equal, "in every group all rewards are equal"), (Self.unscored, "no response has a score"),
        (Self.filtered, "the group filter kept none of 3 groups"),
    ])
    func aRunEndsAfterSoManyIdleStepsAndSaysWhatWasWrong(metrics: MetricValues, reason: String) throws {
        var bench = self.bench()
        for step in UInt64(0)..<4 {
            #expect(self.failure(bench.report(step, metrics)) == nil, "step \(step)")
            #expect(bench.status.isTroubled == (step >= 2 || metrics == Self.unscored), "step \(step)")
        }
        let last = try #require(self.failure(bench.report(4, metrics)))
        #expect(last.hasPrefix("the last 5 steps had nothing to learn from: \(reason)"))
        #expect(last.hasSuffix("training.max_idle_steps allows"))
    }

    @Test func theVerifiersLastWordsAreToldWithIt() {
        var bench = self.bench()
        bench.beat(Bench.a, complaint: "verify.py died (exit status 1); KeyError: answer")
        bench.report(0, Self.unscored)
        #expect(
            bench.status.troubles == [
                "the last step had nothing to learn from: no response has a score; worker-a: verify.py died "
                    + "(exit status 1); KeyError: answer"
            ])
        // Rewards that are equal are not the program's fault.
        bench.report(1, Self.equal)
        #expect(!bench.status.troubles.joined().contains("verify.py"))
    }

    @Test func aStepToLearnFromStartsTheCountAnew() {
        var bench = self.bench()
        for step in UInt64(0)..<29 {
            let effects = bench.report(step, step % 5 == 4 ? Self.useful : Self.equal)
            #expect(self.failure(effects) == nil, "step \(step)")
        }
        #expect(!bench.report(29, Self.useful).isEmpty && bench.status.troubles == [])
    }

    @Test func withoutALimitNobodyMinds() {
        var bench = self.bench(limit: 0)
        for step in UInt64(0)..<20 { #expect(self.failure(bench.report(step, Self.unscored)) == nil) }
        #expect(bench.status.troubles == [])
    }
}

extension StatusReply {
    fileprivate var isTroubled: Bool { !self.troubles.isEmpty }
}
