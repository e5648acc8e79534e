import EADCore
import EADProtocol
import EADSampling
import EADTelemetry
import EADTestKit
import Testing

@testable import EADOperations

/// What a run left is judged by rules; each is broken here once.
struct RunCheckTests {
    // MARK: The log

    private static func event(_ name: String, _ step: UInt64 = 0, _ notes: [String: String] = [:]) -> RunRecord {
        var notes = notes
        notes["event"] = name
        return RunRecord(kind: .event, time: 0, step: GlobalStep(step), notes: notes)
    }

    private static func step(_ step: UInt64, hash: String? = nil, difference: Double = 0) -> RunRecord {
        var values: MetricValues = [:]
        values[\.logProbDifferenceMax] = difference
        values[\.stalenessMean] = 0
        return RunRecord(
            kind: .step, time: 0, step: GlobalStep(step), values: values,
            notes: ["root_hash": hash ?? "weights \(step)"])
    }

    private static func evaluation(_ version: UInt64) -> RunRecord {
        RunRecord(kind: .evaluation, time: 0, step: GlobalStep(version))
    }

    /// A run of three steps whose learner was killed before the second was reported, and went on with the third.
    private static let log = [
        event("started", 0, ["run": "a"]), event("joined", 0, ["node": "learner", "epoch": "1"]),
        event("joined", 0, ["node": "w1", "epoch": "2"]), evaluation(0), step(0),
        event("lease_expired", 0, ["node": "w1"]), step(0), event("died", 0, ["node": "learner"]),
        event("joined", 0, ["node": "learner", "epoch": "3"]), step(2), evaluation(3), event("finished", 3),
        event("left", 3, ["node": "w1"]), event("left", 3, ["node": "learner"]),
    ]

    private func faults(_ records: [RunRecord], bound: UInt64 = 0) -> [String] {
        let plan = RunPlan(steps: 3, evaluatesBefore: true, evaluatesAfter: true)
        return RunLogCheck(records, plan: plan, bound: bound, learner: NodeID("learner")).findings.flatMap(\.faults)
    }

    @Test func aRunInWhichOthersDiedIsRight() {
        #expect(self.faults(Self.log) == [])
    }

    @Test func everyRuleOfTheLogFindsWhatBreaksIt() {
        func changed(_ change: (inout [RunRecord]) -> Void) -> [String] {
            var records = Self.log
            change(&records)
            return self.faults(records)
        }
        #expect(changed { $0.insert(Self.event("started", 0, ["run": "b"]), at: 5) } == ["b after a"])
        #expect(
            changed { $0[8].notes["epoch"] = "2" } == ["learner joined with epoch 2 after 2"])
        #expect(
            changed { $0.insert(Self.event("died", 1, ["node": "w9"]), at: 5) } == [
                "w9 died at step 1, and was no member"
            ])
        #expect(
            changed { $0[5].notes["node"] = "w9" } == ["a lease of w9 expired at step 0, which was no member"])
        #expect(changed { $0.removeSubrange(7...8) } == ["step 2 follows step 0"])
        #expect(changed { $0[6].notes["root_hash"] = "others" } == ["step 0: weights 0 first, others then"])
        #expect(
            changed { $0[9].values[\.logProbDifferenceMax] = 1e-6 } == ["step 2: logprob_diff_max is 1e-06"])
        #expect(changed { $0[9].values[\.stalenessMean] = 0.5 }.count == 1)
        #expect(changed { $0.remove(at: 10) } == ["policy 3 was not evaluated"])
        #expect(changed { $0.insert(Self.step(3), at: 12) }.contains("step 3 was trained after the run had finished"))
        #expect(changed { $0.remove(at: 9) } == ["it finished after 1 of 3 steps"])
    }

    @Test func whatIsTrainedAgainMayDifferWhereOtherGroupsMaySampleInItsPlace() {
        var records = Self.log
        records.replaceSubrange(
            6...8,
            with: [
                Self.event("joined", 0, ["node": "learner", "epoch": "3"]), Self.event("rewound", 0),
                Self.step(0, hash: "others"), Self.step(1),
            ])
        #expect(self.faults(records, bound: 1) == [])
        #expect(self.faults(records) == ["step 0: weights 0 first, others then"])
    }

    // MARK: The journal

    private static let schedule = TemperatureSchedule.annealed(AnnealedSchedule())

    private static func group(
        _ step: UInt64, _ slot: UInt32, problem: UInt32, version: UInt64? = nil
    ) -> RolloutGroup {
        let temperatures = (0..<3).map { Self.schedule.temperature(at: $0, step: GlobalStep(step)) }
        let trace = TokenTrace(tokens: [5, 6, 7], columns: [.temperature: temperatures])
        return RolloutGroup(
            id: GroupID(step: GlobalStep(step), slot: slot), attempt: 1,
            policyVersion: PolicyVersion(version ?? step), problem: problem, promptTokens: [1],
            rollouts: [Rollout(trace: trace, finish: .length, verdict: nil)])
    }

    /// Two steps of two slots each, in passes over three problems.
    private func faults(
        bound: UInt64 = 0, mixesVersions: Bool = false, _ change: (inout [[RolloutGroup]]) -> Void = { _ in }
    ) -> [String] {
        let problems = (0..<3 as Range<UInt32>).map { Problem(index: $0, prompt: "", answer: "") }
        let order = ProblemOrder(problemCount: 3, promptsPerStep: 2) { count, _ in Array(0..<UInt32(count)) }
        let curriculum = Curriculum(
            problems: problems, order: order,
            replacements: ReplacementOrder(order) { _ in
                1
            } permutation: { count, _, _ in
                Array(0..<UInt32(count))
            }, maximumSlots: 2, samples: 1, seed: 1)
        var groups = [
            [Self.group(0, 0, problem: 0), Self.group(0, 1, problem: 1)],
            [Self.group(1, 1, problem: 0), Self.group(1, 0, problem: 2)],
        ]
        change(&groups)
        var check = JournalCheck(
            curriculum: curriculum, slots: 2, bound: bound, mixesVersions: mixesVersions,
            sampling: SamplingConfiguration(schedule: Self.schedule, maxTokens: 8))
        for (step, groups) in groups.enumerated() {
            var held = JournalledStep()
            for group in groups { held.append(ReceivedGroup(group, from: NodeID("w1"))) }
            check.look(at: held, of: GlobalStep(UInt64(step)), run: nil, isTrained: true)
        }
        return check.findings.flatMap(\.faults)
    }

    @Test func everyRuleOfTheJournalFindsWhatBreaksIt() {
        #expect(self.faults() == [])
        #expect(self.faults { $0[0].append(Self.group(0, 1, problem: 1)) }.count == 1)
        #expect(self.faults { $0[1].removeFirst() } == ["step 1 has 1 slots, the highest 0, and needs 2"])
        #expect(self.faults { $0[1][0].policyVersion = PolicyVersion(0) }.count == 1)
        #expect(self.faults(bound: 1) { $0[1][0].policyVersion = PolicyVersion(0) } == [])
        #expect(self.faults { $0[1][0].policyVersion = PolicyVersion(2) }.count == 1)
        func mixed(_ versions: (UInt64, Int)...) -> (inout [[RolloutGroup]]) -> Void {
            {
                $0[1][0].policyVersion = PolicyVersion(0)
                $0[1][0].rollouts[0].runs = VersionRuns(
                    versions.map { VersionRuns.Run(PolicyVersion($0.0), tokens: $0.1) })
            }
        }
        #expect(self.faults(bound: 1, mixesVersions: true, mixed((0, 2), (1, 1))) == [])
        #expect(self.faults(bound: 1, mixed((0, 2), (1, 1))) == ["group 1 of step 1, rollout 0, has 2 runs"])
        #expect(self.faults(bound: 1, mixesVersions: true, mixed((0, 1), (1, 1))).count == 1)
        #expect(self.faults(bound: 1, mixesVersions: true, mixed((0, 2), (2, 1))).count == 1)
        let twice = self.faults { $0[0][1].problem = 0 }
        #expect(twice.count == 2 && twice.contains { $0.contains("not 1") } && twice.contains { $0.contains("again") })
        let warmer = self.faults {
            $0[1][1].rollouts[0].trace[.temperature][2] = $0[1][1].rollouts[0].trace[.temperature][2].nextUp
        }
        #expect(warmer.count == 1 && warmer[0].contains("rollout 0, token 2: "))
    }
}
