import EADCore
import EADMessages
import EADObservation
import EADTelemetry
import EADTestKit
import Testing

@testable import EADOperations

@Suite struct StatusTableTests {
    @Test(arguments: [
        (0, "0 ms"), (850, "850 ms"), (12_999, "12 s"), (200_000, "3 min 20 s"), (7_500_000, "2 h 5 min"),
    ])
    func aDurationIsTold(milliseconds: UInt64, text: String) {
        #expect(StatusTable.duration(milliseconds) == text)
    }

    @Test(arguments: [
        (0.5, 0, "1"), (-0.04, 1, "0.0"), (-0.06, 1, "-0.1"), (1.005, 3, "1.005"), (12.0, 2, "12.00"),
        (.nan, 2, "nan"), (1e20, 1, "1e+20"),
    ])
    func aNumberHasItsDecimals(value: Double, decimals: Int, text: String) {
        #expect(value.text(decimals: decimals) == text)
    }

    @Test func countersOfEveryProcessAreShown() {
        let heartbeat = Heartbeat(
            activity: .fetching, isWaiting: false, waitingFor: "", waitingMilliseconds: 0, progress: 0, tokens: 0,
            tokensPerSecond: 0, policyVersion: PolicyVersion(0), credit: 0, leases: [], residentBytes: 0,
            draining: false, counters: ["verifier_faults": 2, "of_another_build": 1])
        let status = StatusReply(
            run: RunID(bytes: 0..<16)!, name: "run", phase: .training, step: GlobalStep(1), totalSteps: 2,
            waitingFor: "", waitingMilliseconds: 0, groupsAccepted: 0, groupsPerStep: 0, elapsedMilliseconds: 0,
            members: [
                MemberStatus(
                    node: NodeID("w"), role: .worker, health: .alive, process: "h:1", epoch: Epoch(1),
                    silentMilliseconds: 0, heartbeat: heartbeat)
            ],
            steps: [], evaluations: [], counters: ["refused": 3])
        let lines = StatusTable(status).text.split(separator: "\n")
        #expect(lines.suffix(2) == ["controller: refused 3", "w: of_another_build 1, verifier_faults 2"])
        #expect(lines.contains { $0.hasSuffix("fetching policy  -") })
    }

    private func status(
        step: UInt64, phase: StatusReply.Phase = .training, troubles: [String] = [], members: [MemberStatus] = []
    ) -> StatusReply {
        let reports = step == 0 ? [] : [self.report(step - 1)]
        return StatusReply(
            run: RunID(bytes: 0..<16)!, name: "run", phase: phase, step: GlobalStep(step), totalSteps: 8,
            waitingFor: "", waitingMilliseconds: 0, groupsAccepted: 1, groupsPerStep: 4, elapsedMilliseconds: 114,
            members: members, steps: reports, evaluations: [], counters: [:], troubles: troubles)
    }

    private func report(_ step: UInt64) -> StepReport {
        StepReport(
            step: GlobalStep(step), version: PolicyVersion(step + 1), rootHash: Array(0..<32),
            metrics: ["reward": 0.5])
    }

    /// Nobody has to know that files count from 0.
    @Test(arguments: [0, 3, 8] as [UInt64]) func everyCommandCountsTrainedSteps(step: UInt64) {
        let status = self.status(step: step)
        let text = StatusTable(status).text
        #expect(text.contains("training, \(step)/8 steps trained, 1 of 4 groups"))
        #expect(ProgressView().liveLine(status).hasPrefix("training, \(step)/8 steps, 1/4 groups"))
        for report in status.steps {
            #expect(report.trainedSteps(of: 8) == "\(step)/8" && text.contains("policy \(step): reward 0.500"))
        }
    }

    @Test func aRunInTroubleIsDegradedThoughEverybodyIsThere() {
        let status = self.status(step: 8, phase: .finished, troubles: ["waits for ever"])
        #expect(!status.isHealthy && self.status(step: 8, phase: .finished).isHealthy)
        #expect(StatusTable(status).text.contains("\ndegraded: waits for ever"))
    }

    @Test(
        arguments: [
            (0, "finished 8 steps in 114 ms"), (6, "finished the last 2 of 8 steps in 114 ms"),
            (8, "finished before: all 8 steps were trained already"),
        ] as [(UInt64, String)])
    func aSummaryTakesCreditForWhatWasDoneOnly(first: UInt64, text: String) {
        let status = self.status(step: 8, phase: .finished)
        #expect(RunSummary.work(status, from: GlobalStep(first)) == text)
    }

    private var crowded: StatusReply {
        var members = [
            Samples.member("worker-of-the-host-with-the-long-name-1", waitingFor: "policy 12: 18 of 65 chunks"),
            Samples.member("w2", .absent),
        ]
        members[1].heartbeat.waitingFor = "a new start; it failed: step 3 is refused: the gradient is not finite"
        return Samples.status(
            members: members, steps: [Samples.step(1)],
            waitingFor: "groups of worker-of-the-host-with-the-long-name-1 (3), worker-2 (4), worker-3 (4, stalled)")
    }

    @Test(arguments: [40, 60, 80, 130]) func noLineIsWiderThanTheTerminal(width: Int) {
        let lines = StatusTable(self.crowded, width: width).text.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= width }, "\(lines)")
        let heading = lines.first { $0.hasPrefix("NODE") }.map { $0.split(separator: " ").map(String.init) } ?? []
        let expected = [
            40: ["NODE", "HEALTH", "DOES"],
            60: ["NODE", "HEALTH", "DOES", "WAITS", "FOR"],
            80: ["NODE", "ROLE", "HEALTH", "POLICY", "DOES", "WAITS", "FOR"],
        ]
        #expect(expected[width].map { $0 == heading } ?? heading.contains("MEMORY"), "\(heading)")
        // What is cut says so, and who is meant stays recognisable.
        #expect(lines.contains { $0.hasPrefix("worker-of-t") } && lines.contains { $0.hasPrefix("w2 ") })
    }

    @Test func aTableThatFitsIsWhole() {
        let status = Samples.status(members: [Samples.member("w1", waitingFor: "a lease")])
        #expect(StatusTable(status, width: 200).text == StatusTable(status).text)
    }

    @Test func intoAPipeGoesEverything() {
        let text = StatusTable(self.crowded).text
        #expect(text.contains("worker-of-the-host-with-the-long-name-1  worker  alive"))
        #expect(text.contains("step 3 is refused: the gradient is not finite\n"))
    }

    @Test func columnsAreAsWideAsTheirWidestCellAndTheLastIsNotPadded() {
        #expect(StatusTable.align([["a", "bb", "c"], ["aaa", "b"]]) == "a    bb  c\naaa  b")
    }
}
