import EADCore
import EADMessages
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
        #expect(StatusTable.number(value, decimals) == text)
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
                    node: NodeID("w"), role: .worker, health: .alive, address: "h:1", epoch: Epoch(1),
                    silentMilliseconds: 0, heartbeat: heartbeat)
            ],
            steps: [], evaluations: [], counters: ["refused": 3])
        let lines = StatusTable(status).text.split(separator: "\n")
        #expect(lines.suffix(2) == ["controller: refused 3", "w: of_another_build 1, verifier_faults 2"])
        #expect(lines.contains { $0.hasSuffix("fetching policy  -") })
    }

    @Test func columnsAreAsWideAsTheirWidestCellAndTheLastIsNotPadded() {
        #expect(StatusTable.align([["a", "bb", "c"], ["aaa", "b"]]) == "a    bb  c\naaa  b")
    }
}
