import EADCore
import Foundation
import Testing

@testable import EADTelemetry

struct RolloutRecordTests {
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
