import EADCore
import EADProtocol
import EADTestKit
import Foundation
import Testing

@testable import EADConfiguration

/// Random damage to the shipped files: each is read or refused with a reason and a place, and never ends the process.
@Suite struct MutationTests {
    private static let pieces = [
        ":", "- ", "{", "}", "[", "]", "\"", "'", "#", "\n", "  ", "~", "&a ", "*a", "!!int ", "!x ", "|\n", ">\n",
        "? ",
        "---\n", "...\n", "%YAML 1.2\n", "<<: ", "-1", "0", "1e400", "nan", ".inf", "0x10", "99999999999999999999",
        "true", "null", "é", "\u{E000}", "\u{0}", "\u{7F}", "\t", "tcp://", "5s", ",", "name", "run:",
    ]

    private static func damaged(_ text: String, _ random: inout SplitMix64) -> String {
        var characters = Array(text)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...characters.count, using: &random)
            let end = min(characters.count, place + Int.random(in: 0...12, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: characters.removeSubrange(place..<end)
            case 1, 2: characters.insert(contentsOf: Self.pieces.randomElement(using: &random)!, at: place)
            case 3:
                let piece = Self.pieces.randomElement(using: &random)!
                characters.replaceSubrange(place..<end, with: piece)
            case 4:
                var lines = String(characters).split(separator: "\n", omittingEmptySubsequences: false)
                let line = lines[Int.random(in: 0..<lines.count, using: &random)]
                lines.insert(line, at: Int.random(in: 0...lines.count, using: &random))
                characters = Array(lines.joined(separator: "\n"))
            default:
                var lines = String(characters).split(separator: "\n", omittingEmptySubsequences: false)
                lines.remove(at: Int.random(in: 0..<lines.count, using: &random))
                if lines.isEmpty { lines = [""] }
                characters = Array(lines.joined(separator: "\n"))
            }
        }
        return String(characters)
    }

    @Test(arguments: 0..<20) func damagedFilesAreReadOrRefusedWithAReason(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for name in try ShippedFiles.names {
            let text = try ShippedFiles.text(name)
            for _ in 0..<30 {
                let damaged = Self.damaged(text, &random)
                switch reading(damaged) {
                case .success(let configuration):
                    #expect(try reading(configuration.resolvedYAML()).get() == configuration)
                case .failure(let error):
                    let lines = damaged.count { $0.isNewline } + 2
                    #expect(!error.problems.isEmpty)
                    #expect(error.problems.allSatisfy { !$0.message.isEmpty && (0...lines).contains($0.line) })
                }
            }
        }
    }

    @Test func repeatedReadingGivesTheSameProblems() throws {
        var random = SplitMix64(seed: 7)
        let text = try ShippedFiles.text("quickstart.yaml")
        for _ in 0..<50 {
            let damaged = Self.damaged(text, &random)
            #expect(problems(damaged) == problems(damaged))
        }
    }
}
