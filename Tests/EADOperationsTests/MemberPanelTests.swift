import EADCore
import EADMessages
import Testing

@testable import EADOperations

struct MemberPanelTests {
    @Test func theSickComeFirstAndTheRestIsCounted() {
        let crowd =
            (0..<200).map { Samples.member("w\($0)") } + [
                Samples.member("ill", .stalled), Samples.member("slow", waitingFor: "a lease"),
            ]
        let lines = MemberPanel(crowd, width: 80, rows: 6).lines
        #expect(lines.count == 6)
        #expect(lines[1].hasPrefix("ill") && lines[1].contains("stalled"))
        #expect(lines[2].hasPrefix("slow") && lines[2].hasSuffix("a lease, 1 min 1 s"))
        #expect(lines[5] == "and 198 more")
    }

    @Test(arguments: [30, 40, 60, 100]) func noLineIsWiderThanTheTerminal(width: Int) {
        let members = [
            Samples.member("worker-of-the-host-with-the-long-name-1", waitingFor: "policy 12: 18 of 65 chunks"),
            Samples.member("w2", .dead), Samples.member("w3", .absent),
        ]
        let lines = MemberPanel(members, width: width, rows: 10).lines
        #expect(lines.count == 4 && lines.allSatisfy { $0.count <= width }, "\(lines)")
    }

    @Test func aLowTerminalShowsNoTable() {
        #expect(MemberPanel([Samples.member()], width: 80, rows: 2).lines.isEmpty)
    }
}
