import EADCore
import Foundation
import Testing

@testable import EADTelemetry

struct RolloutRecordTests {
    @Test func aResponseOfSeveralVersionsSaysWhichDrewWhat() throws {
        func record(_ runs: [VersionRuns.Run]) throws -> String {
            let group = RolloutGroup(
                id: GroupID(step: GlobalStep(4), slot: 0), attempt: 1, policyVersion: PolicyVersion(2), problem: 0,
                promptTokens: [1],
                rollouts: [
                    Rollout(
                        trace: TokenTrace(tokens: [1, 2, 3]), finish: .length, verdict: nil, runs: VersionRuns(runs))
                ])
            let record = RolloutRecord(group, sample: 0, prompt: "", bytes: { _ in [] })
            #expect(record.version == 2)
            return String(decoding: try JSONEncoder().encode(record), as: UTF8.self)
        }
        let runs = [VersionRuns.Run(PolicyVersion(2), tokens: 1), VersionRuns.Run(PolicyVersion(4), tokens: 2)]
        #expect(try record(runs).contains(#""runs":[[2,1],[4,2]]"#))
        #expect(try !record([]).contains("runs"))
    }

    /// The bytes of the tokens, their texts.
    @Test(
        arguments: [
            ([Array("ab".utf8), Array("c".utf8)], ["ab", "c"]),
            // A character of four bytes in three tokens, with text around it.
            ([Array("x".utf8) + [0xF0], [0x9F, 0x98], [0x80] + Array("y".utf8)], ["x", "", "\u{1F600}y"]),
            ([[0xC3], [0xA9]], ["", "\u{E9}"]),
            // One that is never finished, and one that never began.
            ([[0xE2, 0x82], Array("z".utf8)], ["", "\u{FFFD}z"]), ([[0xF0]], ["\u{FFFD}"]),
            ([[0x80], [0x80]], ["\u{FFFD}", "\u{FFFD}"]),
            ([[], []], ["", ""]), ([], []),
        ] as [([[UInt8]], [String])])
    func aCharacterIsWithTheLastOfItsTokens(tokens: [[UInt8]], texts: [String]) {
        #expect(RolloutRecord.pieces(tokens) == texts)
        #expect(texts.joined() == String(decoding: tokens.flatMap { $0 }, as: UTF8.self))
    }
}
